-- The tenant that carries what a cost centre has for all tenants together in a month.
-- grain: billing_month, cost_center
-- conserves: nothing: tenants have no quantities

-- Cost centres that used something, have a budget, or have a part in fixed amounts.
with centers as (
    select
        billing_month,
        cost_center,
        tenant
    from int_usage_shared
    group by billing_month, cost_center, tenant
    union all
    select
        month as billing_month,
        cost_center,
        null as tenant
    from finance_budgets
    union all
    select
        months.billing_month,
        fixed_shares.cost_center,
        null as tenant
    from finance_fixed_shares as fixed_shares
    cross join int_tenant_months as months
    group by months.billing_month, fixed_shares.cost_center
    union all
    select
        billing_month,
        'Unallocated' as cost_center,
        null as tenant
    from int_tenant_months
    group by billing_month
),

first_tenants as (
    select
        billing_month,
        arg_min(tenant, first_name_of(tenant)) as tenant
    from int_tenant_months
    group by billing_month
)

-- The first, by the name that it had first, that used something, else the first of all.
select
    centers.billing_month,
    centers.cost_center,
    coalesce(
        arg_min(centers.tenant, first_name_of(centers.tenant)),
        min(first_tenants.tenant)
    ) as tenant
from centers
inner join first_tenants -- a month without days has no statement
    on centers.billing_month = first_tenants.billing_month
group by centers.billing_month, centers.cost_center
