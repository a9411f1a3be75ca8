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
)

select
    tenant,
    listing,
    snapshot_date,
    lead(snapshot_date) over (
        partition by tenant, listing
        order by snapshot_date
    ) as next_snapshot_date
from kept
