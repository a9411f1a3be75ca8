-- What each cost centre is charged for a month, beside the month before and a budget.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per the grain = charges
-- conserves: each amount = usage_amount + fixed_amount + adjustment_amount
-- conserves: each comparable_change_amount = amount - comparable_prior_amount
-- conserves: each budget_remaining = budget - budgeted_amount

-- An open month is converted at the rate in force on its last day, and until that day
-- has come, at today's. Without a rate it is unknown what it comes to.
with open_months as (
    select
        compared.*,
        getvariable('display_currency') as display_currency,
        rates.rate as exchange_rate,
        rates.valid_from as exchange_rate_from
    from _statement_compared as compared
    left join raw_closed_months as closed
        on
            compared.tenant = closed.tenant
            and compared.billing_month = closed.month
    asof left join finance_exchange_rates as rates
        on
            getvariable('display_currency') = rates.currency
            and least(last_day(compared.billing_month), getvariable('as_of'))
            >= rates.valid_from
    where closed.month is null
)

-- A closed month is as it was frozen, whatever is known today.
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
    frozen.no_tenant_amount,
    frozen.prior_amount,
    frozen.change_amount,
    frozen.comparable_prior_amount,
    frozen.comparable_change_amount,
    frozen.budget,
    frozen.budgeted_amount,
    frozen.budget_remaining,
    frozen.ytd_amount,
    frozen.currency,
    frozen.closed,
    frozen.is_complete_month,
    frozen.covered_days,
    frozen.days_in_month,
    frozen.trace_query,
    frozen.display_amount,
    frozen.display_currency,
    frozen.exchange_rate,
    frozen.exchange_rate_from,
    documents.seal,
    documents.issued_at at time zone 'UTC' as issued_at
from raw_closed_statement as frozen
left join raw_register as documents -- has them all
    on
        frozen.statement_number = documents.statement_number
        and frozen.statement_version = documents.version
union all by name
select
    open_months.* exclude ( -- noqa: AM04
        billing_month, prior_sum, comparable_sum, is_running, is_of_prior
    ),
    billing_month as month,
    'draft' as statement_number, -- closing gives it one, and never another
    0 as statement_version,
    'PROVISIONAL' as status,
    cost_center = 'Unallocated' as is_unallocated,
    to_amount(amount - prior_amount) as change_amount,
    to_amount(amount - comparable_prior_amount) as comparable_change_amount,
    to_amount(budget - budgeted_amount) as budget_remaining,
    false as closed,
    covered_days = day(last_day(billing_month)) as is_complete_month,
    day(last_day(billing_month)) as days_in_month,
    -- What a reader may ask the warehouse to see what the amount is made of.
    'select * from marts.charges where tenant = ' || text_literal(tenant)
    || ' and month = date ' || text_literal(billing_month)
    || ' and cost_center = ' || text_literal(cost_center) as trace_query,
    converted(amount, exchange_rate, getvariable('display_digits')) as display_amount,
    null as seal, -- of what is closed only
    null as issued_at
from open_months
