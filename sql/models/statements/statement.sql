-- What each cost centre is charged for a month, beside the month before and a budget.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per the grain = charges
-- conserves: each amount = usage_amount + fixed_amount + adjustment_amount
-- conserves: each comparable_change_amount = amount - comparable_prior_amount
-- conserves: each budget_remaining = budget - budgeted_amount

-- As it was frozen, whatever is known today.
select
    frozen.tenant,
    frozen.month,
    frozen.cost_center,
    frozen.statement_number,
    frozen.statement_version,
    frozen.status,
    frozen.is_unallocated,
    frozen.amount,
    frozen.usage_amount,
    frozen.fixed_amount,
    frozen.adjustment_amount,
    frozen.prior_amount,
    frozen.change_amount,
    coalesce(frozen.comparable_prior_amount, frozen.prior_amount)
        as comparable_prior_amount,
    coalesce(frozen.comparable_change_amount, frozen.change_amount)
        as comparable_change_amount,
    frozen.budget,
    -- Months that were closed before this column was there have what they compared.
    to_amount(coalesce(frozen.budgeted_amount, frozen.budget - frozen.budget_remaining))
        as budgeted_amount,
    frozen.budget_remaining,
    frozen.ytd_amount,
    frozen.currency,
    frozen.closed,
    frozen.is_complete_month,
    frozen.covered_days,
    frozen.days_in_month,
    frozen.trace_query,
    documents.seal
from raw_closed_statement as frozen
left join raw_register as documents -- has them all
    on
        frozen.statement_number = documents.statement_number
        and frozen.statement_version = documents.version
union all by name
select
    open_months.tenant,
    open_months.billing_month as month,
    open_months.cost_center,
    'draft' as statement_number, -- closing gives it one, and never another
    0 as statement_version,
    'PROVISIONAL' as status,
    open_months.cost_center = 'Unallocated' as is_unallocated,
    open_months.amount,
    open_months.usage_amount,
    open_months.fixed_amount,
    open_months.adjustment_amount,
    open_months.prior_amount,
    to_amount(open_months.amount - open_months.prior_amount) as change_amount,
    open_months.comparable_prior_amount,
    to_amount(open_months.amount - open_months.comparable_prior_amount)
        as comparable_change_amount,
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
    || ' and cost_center = ' || text_literal(open_months.cost_center) as trace_query,
    null as seal -- of what is closed only
from _statement_compared as open_months
left join raw_closed_months as closed
    on
        open_months.tenant = closed.tenant
        and open_months.billing_month = closed.month
where closed.month is null
