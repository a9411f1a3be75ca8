-- What those that a month used or charged were called at its end.

with used as (
    select
        tenant,
        billing_month,
        owner_id,
        space_id,
        automation_id
    from int_usage_by_period
    group by tenant, billing_month, owner_id, space_id, automation_id
    union
    select
        tenant,
        month as billing_month,
        owner_id,
        space_id,
        automation_id
    from charges
    where owner_id is not null
),

entities as (
    select
        tenant,
        billing_month,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id
    from used
    group by
        tenant, billing_month, grouping sets ((owner_id), (space_id), (automation_id))
)

select
    entities.tenant,
    entities.billing_month as month,
    labels.dimension,
    labels.entity_id,
    labels.label,
    labels.detail,
    labels.is_deleted and labels.deleted_since <= last_day(entities.billing_month)
        as is_deleted
from entities
inner join int_labels as labels -- drops what has no name
    on
        entities.tenant = labels.tenant
        and entities.dimension = labels.dimension
        and entities.entity_id = labels.entity_id
        and at_month_end(entities.billing_month, labels.shown_from, labels.shown_until)
