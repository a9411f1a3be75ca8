-- From when until when automations, owners and spaces had a name, an address, a type.
-- grain: tenant, dimension, entity_id, valid_from

with firsts as (
    select
        tenant,
        automation_id,
        min(valid_from) as first_date,
        min_by(automation_name, valid_from) as first_name
    from int_automation_versions
    group by tenant, automation_id
),

-- Before its first snapshot, usage names an automation, cut after 50 characters.
seen as (
    select
        usage_days.tenant,
        'automation' as dimension,
        usage_days.automation_id as entity_id,
        usage_days.usage_date as seen_date,
        case
            when
                strlen(usage_days.automation_name) >= 49
                and starts_with(
                    firsts.first_name, rtrim(usage_days.automation_name, '�')
                )
                then firsts.first_name
            else usage_days.automation_name
        end as name
    from int_usage_days as usage_days
    left join firsts
        on
            usage_days.tenant = firsts.tenant
            and usage_days.automation_id = firsts.automation_id
    where firsts.tenant is null or usage_days.usage_date < firsts.first_date
    union all
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        valid_from as seen_date,
        automation_name as name
    from int_automation_versions
    union all
    select
        tenant,
        unnest(['owner', 'owner_email']) as dimension,
        user_id as entity_id,
        snapshot_date as seen_date,
        unnest([user_name, user_email]) as name
    from stg_users
    union all
    select
        tenant,
        unnest(['space', 'space_type']) as dimension,
        space_id as entity_id,
        snapshot_date as seen_date,
        unnest([space_name, space_type]) as name
    from stg_spaces
),

-- Where a snapshot is missing, has nothing or no longer has the entity, the name stays.
changes as (
    select *
    from seen
    where name is not null
    qualify
        name is distinct from lag(name) over (
            partition by tenant, dimension, entity_id
            order by seen_date
        )
)

-- The first name known is also that of all days before.
select
    tenant,
    dimension,
    entity_id,
    case
        when row_number() over history = 1 then cast('0001-01-01' as date)
        else seen_date
    end as valid_from,
    lead(seen_date, 1, cast('9999-12-31' as date)) over history as valid_until,
    name
from changes
window history as (
    partition by tenant, dimension, entity_id
    order by seen_date
)
