-- Everything ever seen, and since when the listings of its kind no longer hold it.
-- grain: tenant, listing, entity_id

with listed as (
    select
        tenant,
        'automations' as listing,
        automation_id as entity_id,
        max(snapshot_date) as last_listed_date
    from stg_automations
    group by tenant, automation_id
    union all
    select
        tenant,
        'users' as listing,
        user_id as entity_id,
        max(snapshot_date) as last_listed_date
    from stg_users
    group by tenant, user_id
    union all
    select
        tenant,
        'spaces' as listing,
        space_id as entity_id,
        max(snapshot_date) as last_listed_date
    from stg_spaces
    group by tenant, space_id
),

first_snapshots as (
    select
        tenant,
        listing,
        min(snapshot_date) as snapshot_date
    from _snapshot_days
    group by tenant, listing
),

-- What no listing ever held is missing from the first one; what none can hold
-- (personal spaces, the unknown) cannot go.
compared as (
    select
        seen.tenant,
        seen.listing,
        seen.entity_id,
        seen.first_seen_date,
        seen.last_seen_date,
        listed.last_listed_date,
        first_snapshots.snapshot_date as first_snapshot_date,
        seen.entity_id not in ('', 'unknown') as is_listable,
        case
            when seen.entity_id in ('', 'unknown') then null
            when listed.tenant is null then first_snapshots.snapshot_date
            else kept.next_snapshot_date
        end as deleted_since
    from _lifespans_united as seen
    left join listed
        on
            seen.tenant = listed.tenant
            and seen.listing = listed.listing
            and seen.entity_id = listed.entity_id
    left join _snapshot_days as kept
        on
            listed.tenant = kept.tenant
            and listed.listing = kept.listing
            and listed.last_listed_date = kept.snapshot_date
    left join first_snapshots
        on
            seen.tenant = first_snapshots.tenant
            and seen.listing = first_snapshots.listing
)

select
    tenant,
    listing,
    entity_id,
    first_seen_date,
    last_seen_date,
    last_listed_date,
    case
        when not is_listable then false
        when first_snapshot_date is not null then deleted_since is not null
    end as is_deleted,
    deleted_since
from compared
