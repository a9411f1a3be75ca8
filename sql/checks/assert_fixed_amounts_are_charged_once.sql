-- A fixed amount is charged in each of its months, as a whole.

with due as (
    select
        fixed_costs.line,
        fixed_costs.item,
        months.billing_month,
        fixed_costs.amount
    from finance_fixed_costs as fixed_costs
    inner join int_tenant_months as months -- a month without days has no statement
        on
            in_force(
                months.billing_month, fixed_costs.valid_from, fixed_costs.valid_to
            )
            and is_of_tenant(fixed_costs.tenant, fixed_costs.tenants, months.tenant)
    group by
        fixed_costs.line,
        fixed_costs.item,
        months.billing_month,
        fixed_costs.amount
),

divided as (
    select
        line,
        billing_month,
        sum(amount_minor) * getvariable('micros_per_minor') as micros
    from int_fixed_divided
    group by line, billing_month
)

select
    due.line,
    due.item,
    due.billing_month,
    due.amount
from due
left join divided
    on
        due.line = divided.line
        and due.billing_month = divided.billing_month
where to_e6(due.amount) is distinct from divided.micros
