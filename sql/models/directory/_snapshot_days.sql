-- The days on which a listing was kept as a snapshot, each with the next one.
-- grain: tenant, listing, snapshot_date

with kept as (
    select
        tenant,
        source as listing,
        covered_date as snapshot_date
    from stg_coverage
    where
        source in ('automations', 'users', 'spaces')
        and coverage_status = 'complete'
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
        snapshot_date
    from stg_users
    union
    select
        tenant,
        'spaces' as listing,
        snapshot_date
    from stg_spaces
),

-- A list that was cut short proves nothing deleted, so it is no day of comparison.
cut_short as (
    select
        tenant,
        source,
        covered_date
    from stg_coverage
    where coverage_status = 'partial'
)

select
    kept.tenant,
    kept.listing,
    kept.snapshot_date,
    lead(kept.snapshot_date) over (
        partition by kept.tenant, kept.listing
        order by kept.snapshot_date
    ) as next_snapshot_date
from kept
left join cut_short
    on
        kept.tenant = cut_short.tenant
        and kept.listing = cut_short.source
        and kept.snapshot_date = cut_short.covered_date
where cut_short.tenant is null
