-- Who has a part in a fixed amount of a month, and how much it weighs.
-- grain: line, billing_month, tenant, cost_center
-- conserves: nothing: weights are compared with each other, not added up

-- Fixed amounts in each of the months that they are charged in, once. `only_tenant` is
-- empty where all tenants share an amount.
with due as (
    select
        amounts.line,
        months.billing_month,
        amounts.item,
        amounts.tenant as only_tenant,
        amounts.tenants,
        arg_min(months.tenant, first_name_of(months.tenant))
        filter (amounts.tenant != '') as first_tenant,
        amounts.amount,
        amounts.split,
        amounts.meter
    from finance_fixed_costs as amounts
    inner join int_tenant_months as months -- a month without days has no statement
        on
            in_force(months.billing_month, amounts.valid_from, amounts.valid_to)
            and is_of_tenant(amounts.tenant, amounts.tenants, months.tenant)
    group by all -- what an amount is, and its month
),

-- The weights of each way to split. A column that a way does not use is null. Split
-- evenly, a cost centre counts once, however many tenants it is in; a proportional part
-- stays with the tenant that used the meter.
weights as (
    select
        'proportional' as split,
        billing_month,
        tenant,
        cost_center,
        meter,
        sum(base_e4) as weight
    from int_usage_shared
    group by billing_month, tenant, cost_center, meter
    union all by name -- noqa: AM07
    select
        'even' as split,
        billing_month,
        coalesce(tenant, '') as only_tenant,
        cost_center,
        1 as weight
    from int_usage_shared
    where cost_center != 'Unallocated'
    group by billing_month, cost_center, rollup (tenant)
    union all by name
    select
        'percent' as split,
        due.billing_month,
        due.line,
        fixed_shares.cost_center,
        fixed_shares.share_basis_points as weight
    from finance_fixed_shares as fixed_shares
    inner join due on fixed_shares.line = due.line -- drops what no month has
    union all by name
    select
        'budget' as split,
        month as billing_month,
        cost_center,
        to_e6(amount) as weight
    from finance_budgets
    where amount > 0
)

-- An amount that no cost centre has a part in goes to Unallocated.
select
    due.line,
    due.billing_month,
    coalesce(weights.tenant, due.first_tenant, homes.tenant) as tenant,
    coalesce(weights.cost_center, 'Unallocated') as cost_center,
    due.item,
    due.amount,
    due.split || coalesce(': ' || due.meter, '') as driver,
    coalesce(weights.tenant, due.first_tenant) is null as is_of_no_tenant,
    cast(coalesce(weights.weight, 1) as hugeint) as weight
from due
left join weights
    on
        due.split = weights.split
        and due.billing_month = weights.billing_month
        and due.line = coalesce(weights.line, due.line)
        and due.meter is not distinct from weights.meter
        and coalesce(is_of_tenant(due.only_tenant, due.tenants, weights.tenant), true)
        and due.only_tenant = coalesce(weights.only_tenant, due.only_tenant)
left join int_cost_center_homes as homes -- every cost centre of a month has one
    on
        due.billing_month = homes.billing_month
        and homes.cost_center = coalesce(weights.cost_center, 'Unallocated')
