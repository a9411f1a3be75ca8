-- What owners, spaces and automations were called on statements that were reversed.
-- grain: tenant, month, dimension, entity_id

with entities as (
    select
        tenant,
        month as billing_month,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id -- one is grouped by
    from charges
    group by tenant, month, grouping sets ((owner_id), (space_id), (automation_id))
)

select
    entities.tenant,
    entities.billing_month as month,
    entities.dimension,
    entities.entity_id,
    label_of(entities.entity_id, labels.label) as label
from entities
left join raw_closed_labels as labels -- earlier versions kept none
    on
        entities.tenant = labels.tenant
        and entities.billing_month = labels.month
        and entities.dimension = labels.dimension
        and entities.entity_id = labels.entity_id
where entities.entity_id is not null -- fixed amounts and corrections are of nobody
