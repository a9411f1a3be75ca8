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
        cast(sum(amount) as decimal(18, 3)) as amount,
        -- Unknown where it is unknown for one of the tenants.
        case
            when count(prior_amount) = count(*)
                then cast(sum(prior_amount) as decimal(18, 3))
        end as prior_amount,
        cast(sum(budget) as decimal(18, 3)) as budget,
        max(currency) as currency -- they are all the same
    from statement
    group by month, cost_center
)

select
    billing_month as month,
    cost_center,
    is_unallocated,
    tenant,
    amount,
    prior_amount,
    cast(amount - prior_amount as decimal(18, 3)) as change_amount,
    budget,
    cast(budget - amount as decimal(18, 3)) as budget_rest,
    currency,
    -- Shares are for reading, not for booking. Of nothing there is none: null.
    cast(
        amount / nullif(sum(amount) over (partition by billing_month), 0)
        as decimal(18, 6)
    ) as amount_ratio
from sums
