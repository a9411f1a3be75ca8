-- The six of each dimension that ran most in 13 months; all others share a place.
-- grain: dimension, entity_tenant, entity_id

with labels as (
    select
        dimensions.dimension,
        owners.tenant as entity_tenant,
        owners.owner_id as entity_id,
        owners.label
    from owners
    cross join (values ('owner'), ('executor')) as dimensions (dimension)
    union all
    select
        'space' as dimension,
        tenant as entity_tenant,
        space_id as entity_id,
        label
    from spaces
),

ranked as (
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
    left join labels
        on
            used.dimension = labels.dimension
            and used.entity_tenant = labels.entity_tenant
            and used.entity_id = labels.entity_id
    group by used.dimension, used.entity_tenant, used.entity_id
)

select
    dimension,
    entity_tenant,
    entity_id,
    label,
    least(entity_rank, 7) as position
from ranked
