-- What each cost centre is charged for a month over all tenants, beside its budget.
-- grain: month, cost_center
-- conserves: sum(amount) per month = statement

with sums as (
    select
        month as billing_month,
        cost_center,
        bool_or(is_unallocated) as is_unallocated,
        -- Null where several tenants have a statement of it.
        case when count(*) = 1 then max(tenant) end as tenant,
        to_amount(sum(amount)) as amount,
        to_amount(sum_of_known(prior_amount)) as prior_amount,
        to_amount(sum(budget)) as budget,
        count(*) as tenants, -- a row each
        max(currency) as currency -- they are all the same
    from statement
    group by month, cost_center
)

select
    billing_month as month,
    cost_center,
    is_unallocated,
    tenant,
    tenants,
    amount,
    prior_amount,
    to_amount(amount - prior_amount) as change_amount,
    budget,
    case when budget is not null then amount end as budgeted_amount,
    to_amount(budget - amount) as budget_remaining,
    currency,
    to_ratio(amount, sum(amount) over (partition by billing_month)) as amount_ratio
from sums
