-- What pages call an owner and a space from a day until another one, and a word more.
-- grain: tenant, dimension, entity_id, shown_from

with entities as (
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        label,
        null as type,
        is_deleted,
        deleted_since
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label,
        type,
        is_deleted,
        deleted_since
    from spaces
)

-- Names and addresses change on days of their own: a row for the days that a name and
-- an address have in common. The joins keep what has neither.
select
    entities.tenant,
    entities.dimension,
    entities.entity_id,
    common_from(named.valid_from, details.valid_from) as shown_from,
    common_until(named.valid_until, details.valid_until) as shown_until,
    case
        when entities.dimension = 'owner'
            then
                owner_shown(
                    entities.tenant,
                    entities.entity_id,
                    coalesce(named.name, details.name, entities.label)
                )
        else coalesce(named.name, entities.label)
    end as label,
    case
        when entities.dimension = 'owner'
            then nullif(address_shown(coalesce(details.name, entities.type)), label)
        else nullif(coalesce(details.name, entities.type), label)
    end as detail,
    entities.is_deleted,
    entities.deleted_since
from entities
left join name_history as named
    on
        entities.tenant = named.tenant
        and entities.dimension = named.dimension
        and entities.entity_id = named.entity_id
left join name_history as details
    on
        entities.tenant = details.tenant
        and details.dimension
        = case entities.dimension when 'owner' then 'owner_email' else 'space_type' end
        and entities.entity_id = details.entity_id
        and have_days_in_common(
            named.valid_from,
            named.valid_until,
            details.valid_from,
            details.valid_until
        )
