-- On whose statements each owner, space and automation was in the last month that it
-- was used: the cost centres, the largest amount first.
-- grain: tenant, dimension, entity_id
-- conserves: nothing: it lists cost centres

with used as (
    select
        tenant,
        dimension,
        entity_id,
        max(month) as last_month
    from usage_monthly
    group by tenant, dimension, entity_id
),

charged as (
    select
        tenant,
        month,
        cost_center,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(amount) as amount
    from charges
    where owner_id is not null
    group by
        tenant, month, cost_center,
        grouping sets ((owner_id), (space_id), (automation_id))
)

select
    used.tenant,
    used.dimension,
    used.entity_id,
    list(charged.cost_center order by charged.amount desc, charged.cost_center asc)
        as cost_centers
from used
inner join charged -- drops what no price is set of, and months before the last
    on
        used.tenant = charged.tenant
        and used.last_month = charged.month
        and used.dimension = charged.dimension
        and used.entity_id = charged.entity_id
group by used.tenant, used.dimension, used.entity_id
