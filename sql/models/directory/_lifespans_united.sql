-- First and last day on which anything showed an automation, an owner or a space.
-- grain: tenant, listing, entity_id

with runs_and_usage as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        min(usage_date) as first_date,
        max(usage_date) as last_date
    from int_usage_attributed
    group by tenant, automation_id, owner_id, space_id
    union all
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        min(run_date) as first_date,
        max(run_date) as last_date
    from int_runs_owned
    group by tenant, automation_id, owner_id, space_id
    union all
    select
        tenant,
        automation_id,
        listed_owner_id as owner_id,
        space_id,
        min(snapshot_date) as first_date,
        max(snapshot_date) as last_date
    from stg_automations
    group by tenant, automation_id, listed_owner_id, space_id
),

sightings as (
    select
        tenant,
        'automations' as listing,
        automation_id as entity_id,
        first_date,
        last_date
    from runs_and_usage
    union all
    select
        tenant,
        'users' as listing,
        owner_id as entity_id,
        first_date,
        last_date
    from runs_and_usage
    union all
    select
        tenant,
        'spaces' as listing,
        space_id as entity_id,
        first_date,
        last_date
    from runs_and_usage
    union all
    select
        tenant,
        'users' as listing,
        user_id as entity_id,
        snapshot_date as first_date,
        snapshot_date as last_date
    from stg_users
    union all
    select
        tenant,
        'spaces' as listing,
        space_id as entity_id,
        snapshot_date as first_date,
        snapshot_date as last_date
    from stg_spaces
)

select
    tenant,
    listing,
    entity_id,
    min(first_date) as first_seen_date,
    max(last_date) as last_seen_date
from sightings
where entity_id is not null -- an automation may be listed without an owner
group by tenant, listing, entity_id
