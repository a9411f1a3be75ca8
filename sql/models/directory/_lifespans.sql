-- Everything ever seen, and since when the listings of its kind no longer hold it.
-- grain: tenant, listing, entity_id

-- The days of listings. An empty one has no rows, but its coverage.
with listed_days as (
    select
        tenant,
        source as listing,
        date as snapshot_date
    from coverage
    where
        source in ('automations', 'users', 'spaces')
        and status = 'complete'
    union
    select
        tenant,
        'automations' as listing,
        snapshot_date
    from stg_automations
    union
    select
        tenant,
        'users' as listing,
        date as snapshot_date
    from raw_users
    union
    select
        tenant,
        'spaces' as listing,
        date as snapshot_date
    from raw_spaces
),

-- A list that was cut short proves nothing deleted, so it is no day of comparison.
whole_days as (
    select
        listed_days.tenant,
        listed_days.listing,
        listed_days.snapshot_date,
        lead(listed_days.snapshot_date) over history as next_snapshot_date,
        row_number() over history as snapshot_number
    from listed_days
    left join coverage as cut_short
        on
            listed_days.tenant = cut_short.tenant
            and listed_days.listing = cut_short.source
            and listed_days.snapshot_date = cut_short.date
            and cut_short.status = 'partial'
    where cut_short.tenant is null
    window history as (
        partition by listed_days.tenant, listed_days.listing
        order by listed_days.snapshot_date
    )
)

-- What was never listed is missing from the first listing. Personal spaces and the
-- unknown are in no listing: they are never deleted.
select
    seen.tenant,
    seen.listing,
    seen.entity_id,
    seen.first_seen_date,
    seen.last_seen_date,
    seen.last_listed_date,
    case
        when seen.entity_id in ('', 'unknown') then null
        when seen.last_listed_date is null then firsts.snapshot_date
        else lasts.next_snapshot_date
    end as deleted_since,
    case
        when seen.entity_id in ('', 'unknown') then false
        when firsts.tenant is not null then deleted_since is not null
    end as is_deleted
from _entities_seen as seen
left join whole_days as firsts -- the first of its listing, where there is one
    on
        seen.tenant = firsts.tenant
        and seen.listing = firsts.listing
        and firsts.snapshot_number = 1
left join whole_days as lasts -- the last that holds it, where one does
    on
        seen.tenant = lasts.tenant
        and seen.listing = lasts.listing
        and seen.last_listed_date = lasts.snapshot_date
