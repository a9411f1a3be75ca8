-- Who has a part in a fixed amount of a month, and how much it weighs.
-- grain: line, billing_month, tenant, cost_center
-- conserves: nothing: weights are of any size; int_fixed_divided makes amounts of them

with used as (
    select
        tenant,
        billing_month,
        cost_center,
        meter,
        sum(base_bp) as base_bp
    from int_usage_shared
    group by tenant, billing_month, cost_center, meter
),

-- One weight for each who has a part: of a cost centre in two tenants, their sum
-- lands on the first; but what was used stays with the tenant that used it.
weights as (
    select
        due.line,
        due.billing_month,
        used.tenant,
        used.cost_center,
        used.base_bp as weight
    from _fixed_due as due
    inner join used -- no usage has no weight
        on
            due.billing_month = used.billing_month
            and due.meter = used.meter
            and due.only_tenant in ('', used.tenant)
    where due.split = 'proportional'
    union all
    select
        due.line,
        due.billing_month,
        null as tenant,
        used.cost_center,
        1 as weight
    from _fixed_due as due
    inner join used
        on
            due.billing_month = used.billing_month
            and due.only_tenant in ('', used.tenant)
    where due.split = 'even' and used.cost_center != 'Unallocated'
    group by due.line, due.billing_month, used.cost_center
    union all
    select
        due.line,
        due.billing_month,
        null as tenant,
        fixed_shares.cost_center,
        fixed_shares.share_basis_points as weight
    from _fixed_due as due
    inner join finance_fixed_shares as fixed_shares
        on due.line = fixed_shares.line
    where due.split = 'percent'
    union all
    select
        due.line,
        due.billing_month,
        null as tenant,
        budgets.cost_center,
        cast(budgets.amount * 1000 as hugeint) as weight
    from _fixed_due as due
    inner join finance_budgets as budgets
        on due.billing_month = budgets.month
    where due.split = 'budget' and budgets.amount > 0
),

-- What has nobody to go to is nobody's, in plain sight.
complete as (
    select
        due.line,
        due.item,
        due.billing_month,
        due.only_tenant,
        weights.tenant,
        coalesce(weights.cost_center, 'Unallocated') as cost_center,
        due.amount,
        due.driver,
        coalesce(weights.weight, 1) as weight
    from _fixed_due as due
    left join weights
        on
            due.line = weights.line
            and due.billing_month = weights.billing_month
)

select
    complete.line,
    complete.billing_month,
    coalesce(
        complete.tenant, nullif(complete.only_tenant, ''), homes.tenant
    ) as tenant,
    complete.cost_center,
    complete.item,
    complete.amount,
    complete.driver,
    cast(complete.weight as hugeint) as weight
from complete
left join int_cost_center_homes as homes -- every cost centre of a month has one
    on
        complete.billing_month = homes.billing_month
        and complete.cost_center = homes.cost_center
