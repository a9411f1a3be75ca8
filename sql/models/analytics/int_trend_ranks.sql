-- Who ran most of each dimension in 13 months, by rank; all others share a rank.
-- grain: dimension, entity_tenant, entity_id

with ranked as (
    select
        used.dimension,
        used.entity_tenant,
        used.entity_id,
        coalesce(max(labels.label), used.entity_id) as label,
        row_number() over (
            partition by used.dimension
            order by
                sum(used.runs) desc,
                coalesce(max(labels.label), used.entity_id) asc,
                used.entity_tenant asc,
                used.entity_id asc
        ) as entity_rank
    from int_usage_by_dimension as used
    left join int_labels as labels -- an executor is an owner of a run
        on
            replace(used.dimension, 'executor', 'owner') = labels.dimension
            and used.entity_tenant = labels.tenant
            and used.entity_id = labels.entity_id
            and still_holds(labels.shown_until)
    where is_in_trends(used.usage_date)
    group by used.dimension, used.entity_tenant, used.entity_id
)

select
    dimension,
    entity_tenant,
    entity_id,
    label,
    shown_rank(entity_rank, 'trends') as position
from ranked
