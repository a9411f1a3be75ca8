-- First and last day on which anything showed an automation, an owner or a space.
-- grain: tenant, listing, entity_id

with combinations as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        cast(null as date) as listed_date
    from int_usage_attributed
    group by tenant, automation_id, owner_id, space_id
    union all
    -- Also runs that have not ended, or never started: they are of no day.
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        min(cast(coalesce(started_at, created_at) as date)) as first_date,
        max(cast(coalesce(started_at, created_at) as date)) as last_date,
        null as listed_date
    from runs
    where date is null
    group by tenant, automation_id, owner_id, space_id
    union all
    select
        tenant,
        automation_id,
        listed_owner_id as owner_id,
        space_id,
        min(snapshot_date) as first_date,
        max(snapshot_date) as last_date,
        max(snapshot_date) as listed_date
    from stg_automations
    group by tenant, automation_id, listed_owner_id, space_id
),

-- A listing of automations shows owners and spaces, but is not the list of these.
entities as (
    select
        combinations.tenant,
        listings.listing,
        case listings.listing
            when 'automations' then combinations.automation_id
            when 'users' then combinations.owner_id
            when 'spaces' then combinations.space_id
        end as entity_id,
        combinations.first_date,
        combinations.last_date,
        case listings.listing
            when 'automations' then combinations.listed_date
        end as listed_date
    from combinations
    cross join (values ('automations'), ('users'), ('spaces')) as listings (listing)
    union all
    select
        tenant,
        'users' as listing,
        user_id as entity_id,
        date as first_date,
        date as last_date,
        date as listed_date
    from raw_users
    union all
    select
        tenant,
        'spaces' as listing,
        space_id as entity_id,
        date as first_date,
        date as last_date,
        date as listed_date
    from raw_spaces
)

select
    tenant,
    listing,
    entity_id,
    min(first_date) as first_seen_date,
    max(last_date) as last_seen_date,
    max(listed_date) as last_listed_date
from entities
where entity_id is not null -- an automation may be listed without an owner
group by tenant, listing, entity_id
