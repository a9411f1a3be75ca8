-- From when until when automations, owners and spaces had a name, an address, a type.
-- grain: tenant, dimension, entity_id, valid_from

-- Usage names an automation until a snapshot does, if it was read before that. Names of
-- a day that was read late are newer than those of later days that were read before.
with seen as (
    select
        tenant,
        'automation' as dimension,
        null as listing,
        automation_id as entity_id,
        usage_date as seen_date,
        automation_name as name
    from int_usage_days
    where is_first_to_name and automation_name is not null
    qualify
        (
            read_on > min(coalesce(read_on, cast('0001-01-01' as date))) over (
                partition by tenant, automation_id
                order by usage_date
                rows between 1 following and unbounded following
            )
        ) is not true
    union all
    select
        tenant,
        'automation' as dimension,
        'automations' as listing,
        automation_id as entity_id,
        valid_from as seen_date,
        automation_name as name
    from int_automation_versions
    union all
    select
        tenant,
        unnest(['owner', 'owner_email']) as dimension,
        'users' as listing,
        user_id as entity_id,
        date as seen_date,
        unnest([nullif(trim(name), ''), nullif(trim(email), '')]) as name
    from raw_users
    union all
    select
        tenant,
        unnest(['space', 'space_type']) as dimension,
        'spaces' as listing,
        space_id as entity_id,
        date as seen_date,
        unnest([nullif(trim(name), ''), type]) as name
    from raw_spaces
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

-- The first name known is also that of all days before. Rules match it there, too, but
-- not in a month that was closed before a snapshot had it.
select
    tenant,
    dimension,
    entity_id,
    case
        when row_number() over history = 1 then cast('0001-01-01' as date)
        else seen_date
    end as valid_from,
    lead(seen_date, 1, cast('9999-12-31' as date)) over history as valid_until,
    case
        when row_number() over history > 1 then seen_date
        when listing is null then cast('0001-01-01' as date)
        else counts_from(tenant, listing, seen_date)
    end as matched_from,
    name
from changes
window history as (
    partition by tenant, dimension, entity_id
    order by seen_date
)
