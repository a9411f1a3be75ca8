-- Fixed amounts in each of the months that they are charged in.
-- grain: line, billing_month
-- conserves: nothing: an amount is due anew in each of its months

-- `only_tenant` is empty where all tenants share an amount.
select
    amounts.line,
    months.billing_month,
    amounts.item,
    amounts.tenant as only_tenant,
    amounts.amount,
    amounts.split,
    amounts.meter
from finance_fixed_costs as amounts
inner join int_tenant_months as months -- a month without days has no statement
    on
        in_force(months.billing_month, amounts.valid_from, amounts.valid_to)
        and amounts.tenant in ('', months.tenant)
group by
    amounts.line,
    months.billing_month,
    amounts.item,
    amounts.tenant,
    amounts.amount,
    amounts.split,
    amounts.meter
