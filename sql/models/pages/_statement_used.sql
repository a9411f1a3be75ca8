-- What is behind a statement: usage and money of each owner, space and automation.
-- grain: tenant, billing_month, cost_center, dimension, entity_id
-- conserves: sum(amount) per tenant, billing_month, cost_center where dimension =
--   'owner' = charges by tenant, month, cost_center
-- conserves: sum(amount) per tenant, billing_month, cost_center where dimension =
--   'automation' = charges by tenant, month, cost_center

with used as (
    select
        tenant,
        billing_month,
        cost_center,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            else 'automation'
        end as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(base_e4) filter (where meter = 'runs') as runs_bp,
        sum(base_e4) filter (where meter = 'third_party_runs') as third_party_bp,
        sum(base_e4) filter (where meter = 'duration_hours') as seconds_bp,
        sum(base_e4) filter (where meter = 'bandwidth_gb') as bytes_bp
    from int_usage_shared
    group by
        grouping sets (
            (tenant, billing_month, cost_center, owner_id),
            (tenant, billing_month, cost_center, space_id),
            (tenant, billing_month, cost_center, automation_id)
        )
),

billed as (
    select
        tenant,
        month as billing_month,
        cost_center,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            else 'automation'
        end as dimension,
        -- One is grouped by; fixed amounts and corrections are of none of them.
        coalesce(owner_id, space_id, automation_id, 'shared') as entity_id,
        sum(amount) as amount
    from charges
    group by
        grouping sets (
            (tenant, month, cost_center, owner_id),
            (tenant, month, cost_center, space_id),
            (tenant, month, cost_center, automation_id)
        )
)

-- The full join keeps what is charged without usage, and what is used for nothing.
select
    coalesce(used.tenant, billed.tenant) as tenant,
    coalesce(used.billing_month, billed.billing_month) as billing_month,
    coalesce(used.cost_center, billed.cost_center) as cost_center,
    coalesce(used.dimension, billed.dimension) as dimension,
    coalesce(used.entity_id, billed.entity_id) as entity_id,
    -- True zeros: nothing of the meter was used, nothing was charged.
    coalesce(used.runs_bp, 0) as runs_bp,
    coalesce(used.third_party_bp, 0) as third_party_bp,
    coalesce(used.seconds_bp, 0) as seconds_bp,
    coalesce(used.bytes_bp, 0) as bytes_bp,
    cast(coalesce(billed.amount, 0) as decimal(18, 3)) as amount
from used
full join billed
    on
        used.tenant = billed.tenant
        and used.billing_month = billed.billing_month
        and used.cost_center = billed.cost_center
        and used.dimension = billed.dimension
        and used.entity_id = billed.entity_id
