-- What a month is charged over all tenants, and whether that is final.
-- grain: billing_month
-- conserves: sum(amount) per billing_month = tenant_monthly by month

with sums as (
    select
        month as billing_month,
        sum(amount) as amount,
        sum(unallocated_amount) as unallocated_amount
    from tenant_monthly
    group by month
),

-- What is left of budgets, which not every cost centre has: budgets less what is
-- charged to those that have one.
budgets as (
    select
        month as billing_month,
        sum(budget) as budget,
        sum(budgeted_amount) as budgeted_amount,
        sum(budget_remaining) as budget_remaining,
        -- A true zero: each cost centre has a budget.
        coalesce(sum(amount) filter (where budget is null), 0) as unbudgeted_amount,
        count(*) filter (where budget is null and tenants > 0) as unbudgeted_count
    from report_cost_centers
    group by month
    having count(budget) > 0
),

-- Final where each statement of the month is.
stated as (
    select
        month as billing_month,
        bool_and(closed) as is_closed,
        sum_of_known(comparable_prior_amount) as comparable_prior_amount,
        sum_of_known(comparable_change_amount) as comparable_change_amount
    from statement
    group by month
),

-- Where prices are set, nothing charged is a true zero.
described as (
    select
        sums.billing_month,
        getvariable('priced_currency') as currency,
        case when currency is not null then coalesce(sums.amount, 0) end
            as amount,
        case
            when currency is not null then coalesce(sums.unallocated_amount, 0)
        end as unallocated_amount
    from sums
)

select
    described.billing_month,
    described.currency,
    case when stated.is_closed then 'FINAL' else 'PROVISIONAL' end as status,
    to_amount(described.amount) as amount,
    to_amount(stated.comparable_prior_amount) as comparable_prior_amount,
    to_amount(stated.comparable_change_amount) as comparable_change_amount,
    to_amount(budgets.budget) as budget,
    to_amount(budgets.budgeted_amount) as budgeted_amount,
    to_amount(budgets.budget_remaining) as budget_remaining,
    to_amount(budgets.unbudgeted_amount) as unbudgeted_amount,
    budgets.unbudgeted_count,
    to_amount(described.unallocated_amount) as unallocated_amount,
    to_ratio(stated.comparable_change_amount, stated.comparable_prior_amount)
        as change_ratio,
    to_ratio(described.unallocated_amount, described.amount) as unallocated_ratio
from described
left join budgets
    on described.billing_month = budgets.billing_month
left join stated
    on described.billing_month = stated.billing_month
