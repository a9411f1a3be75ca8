-- What each cost centre is charged for a month, beside the month before and a budget.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per the grain = charges
-- conserves: each amount = usage_amount + fixed_amount + adjustment_amount

-- As it was frozen, whatever is known today.
select
    tenant,
    month,
    cost_center,
    statement_number,
    statement_version,
    status,
    is_unallocated,
    amount,
    usage_amount,
    fixed_amount,
    adjustment_amount,
    prior_amount,
    change_amount,
    budget,
    budget_rest,
    ytd_amount,
    currency,
    closed,
    is_complete_month,
    covered_days,
    days_in_month,
    trace_query
from raw_closed_statement
union all
select
    compared.tenant,
    compared.billing_month as month,
    compared.cost_center,
    compared.statement_number,
    0 as statement_version,
    'PROVISIONAL' as status,
    compared.is_unallocated,
    compared.amount,
    compared.usage_amount,
    compared.fixed_amount,
    compared.adjustment_amount,
    compared.prior_amount,
    compared.change_amount,
    compared.budget,
    compared.budget_rest,
    compared.ytd_amount,
    compared.currency,
    false as closed,
    compared.is_complete_month,
    compared.covered_days,
    compared.days_in_month,
    compared.trace_query
from _statement_compared as compared
left join raw_closed_months as closed
    on
        compared.tenant = closed.tenant
        and compared.billing_month = closed.month
where closed.month is null
