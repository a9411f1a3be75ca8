-- What each cost centre is charged for a month, beside the month before and a budget.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per the grain = charges
-- conserves: each amount = usage_amount + fixed_amount + adjustment_amount
-- conserves: each budget_remaining = budget - budgeted_amount

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
    -- Months that were closed before this column was there have what they compared.
    to_amount(coalesce(budgeted_amount, budget - budget_remaining)) as budgeted_amount,
    budget_remaining,
    ytd_amount,
    currency,
    closed,
    is_complete_month,
    covered_days,
    days_in_month,
    trace_query
from raw_closed_statement
union all by name
select
    open_months.tenant,
    open_months.billing_month as month,
    open_months.cost_center,
    open_months.tenant || strftime(open_months.billing_month, '-%Y-%m-') || lpad(
        cast(
            row_number() over (
                partition by open_months.tenant, open_months.billing_month
                order by open_months.cost_center
            ) as varchar
        ),
        3,
        '0'
    ) as statement_number,
    0 as statement_version,
    'PROVISIONAL' as status,
    open_months.cost_center = 'Unallocated' as is_unallocated,
    open_months.amount,
    open_months.usage_amount,
    open_months.fixed_amount,
    open_months.adjustment_amount,
    open_months.prior_amount,
    to_amount(open_months.amount - open_months.prior_amount) as change_amount,
    open_months.budget,
    open_months.budgeted_amount,
    to_amount(open_months.budget - open_months.budgeted_amount) as budget_remaining,
    open_months.ytd_amount,
    open_months.currency,
    false as closed,
    open_months.covered_days = day(last_day(open_months.billing_month))
        as is_complete_month,
    open_months.covered_days,
    day(last_day(open_months.billing_month)) as days_in_month,
    -- What a reader may ask the warehouse to see what the amount is made of.
    'select * from marts.charges where tenant = ' || text_literal(open_months.tenant)
    || ' and month = date ' || text_literal(open_months.billing_month)
    || ' and cost_center = ' || text_literal(open_months.cost_center) as trace_query
from _statement_compared as open_months
left join raw_closed_months as closed
    on
        open_months.tenant = closed.tenant
        and open_months.billing_month = closed.month
where closed.month is null
