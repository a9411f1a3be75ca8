-- What is mailed of a month: all of it, and the statement of each cost centre.
-- grain: month, cost_center (null: all of them)
-- conserves: sum(amount) per month where cost_center is null = marts.statement
-- conserves: sum(amount) per month, cost_center where cost_center is not null =
--   marts.statement

-- A month is complete if it is so for all tenants: tiers and shares are counted over
-- them together.
with covered as (
    select
        month,
        max(days_in_month) as days_in_month, -- they are all the same
        min(covered_days) as covered_days,
        min(first_covered_date) as first_covered_date,
        max(last_covered_date) as last_covered_date,
        bool_and(is_complete) as is_complete,
        list_sort(list(tenant) filter (where not is_complete)) as incomplete_tenants
    from marts.tenant_monthly
    group by month
),

-- A budget stands in one of the statements of a cost centre, and is for all of them.
heads as (
    select
        *,
        count(budget) over (partition by month, cost_center) > 0 as has_budget,
        sum(amount) over (partition by month, cost_center) as center_amount
    from marts.statement
),

sums as (
    select
        month,
        cost_center,
        grouping(cost_center) = 1 as is_whole,
        bool_and(closed) as is_final,
        list_sort(list(distinct tenant)) as tenants,
        list(
            {
                'tenant': tenant, 'cost_center': cost_center,
                'number': statement_number,
                'version': statement_version,
                'seal': seal,
                'usage_amount': usage_amount,
                'fixed_amount': fixed_amount,
                'adjustment_amount': adjustment_amount,
                'amount': amount
            }
            order by tenant, cost_center
        ) as parts,
        sum(usage_amount) as usage_amount,
        sum(fixed_amount) as fixed_amount,
        sum(adjustment_amount) as adjustment_amount,
        sum(amount) as amount,
        sum_of_known(comparable_prior_amount) as prior_amount,
        sum_of_known(comparable_change_amount) as change_amount,
        sum(budget) as budget, -- of those that have one
        sum(center_amount) filter (where budget is not null) as budgeted_amount,
        -- A cost centre may have several statements.
        count(distinct cost_center) filter (where not has_budget) as unbudgeted_count,
        currency
    from heads
    group by grouping sets ((month, cost_center, currency), (month, currency))
)

select
    sums.month,
    case when not sums.is_whole then sums.cost_center end as cost_center,
    sums.is_final,
    sums.tenants,
    sums.parts,
    sums.usage_amount,
    sums.fixed_amount,
    sums.adjustment_amount,
    sums.amount,
    sums.prior_amount,
    sums.change_amount,
    sums.budget,
    sums.budgeted_amount,
    sums.budget - sums.budgeted_amount as budget_remaining,
    sums.unbudgeted_count,
    -- Of this year's months; of a cost centre, also of those that it has a row in.
    sum(sums.amount) over (
        partition by sums.is_whole, sums.cost_center, date_trunc('year', sums.month)
        order by sums.month
    ) as ytd_amount,
    sums.currency,
    covered.* exclude (month, covered_days, is_complete), -- noqa: RF02
    coalesce(covered.covered_days, 0) as covered_days, -- no row: nothing was read
    coalesce(covered.is_complete, false) as is_complete
from sums
left join covered on sums.month = covered.month
order by sums.month, not sums.is_whole, sums.cost_center
