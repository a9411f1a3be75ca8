-- Fixed amounts in each of the months that they are charged in.
-- grain: line, billing_month
-- conserves: nothing: an amount is due anew in each of its months

select
    fixed_costs.line,
    months.billing_month,
    fixed_costs.item,
    fixed_costs.tenant as only_tenant,
    fixed_costs.amount,
    fixed_costs.split,
    fixed_costs.meter,
    case fixed_costs.split
        when 'proportional' then 'proportional: ' || fixed_costs.meter
        else fixed_costs.split
    end as driver
from finance_fixed_costs as fixed_costs
inner join int_tenant_months as months -- a month without days has no statement
    on
        fixed_costs.valid_from <= months.billing_month
        and (
            fixed_costs.valid_to is null
            or fixed_costs.valid_to >= months.billing_month
        )
        and fixed_costs.tenant in ('', months.tenant)
group by
    fixed_costs.line,
    months.billing_month,
    fixed_costs.item,
    fixed_costs.tenant,
    fixed_costs.amount,
    fixed_costs.split,
    fixed_costs.meter
