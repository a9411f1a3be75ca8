-- A month over all tenants: what is charged and used, and how well it is founded.
-- grain: month
-- conserves: sum(amount) per month = tenant_monthly
--   where month in (select month from report_months)

with sums as (
    select
        month as billing_month,
        max(days_in_month) as days_in_month, -- they are all the same
        min(covered_days) as covered_days,
        min(listed_days) as listed_days,
        min(first_covered_date) as first_covered_date,
        max(last_covered_date) as last_covered_date,
        bool_and(is_complete) as is_complete,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs,
        sum(runs_by_listing) as runs_by_listing,
        sum(runs_by_snapshot) as runs_by_snapshot,
        sum(runs_by_current_owner) as runs_by_current_owner,
        amount_if_priced(sum(amount)) as amount,
        amount_if_priced(sum(unallocated_amount)) as unallocated_amount
    from tenant_monthly
    group by month
    -- A month of which nothing was read has no page.
    having max(covered_days) > 0 or sum(runs) is not null
),

-- Final where each statement of the month is.
stated as (
    select
        month as billing_month,
        bool_and(closed) as is_closed,
        to_amount(sum_of_known(comparable_prior_amount)) as comparable_prior_amount,
        to_amount(sum_of_known(comparable_change_amount)) as comparable_change_amount
    from statement
    group by month
),

-- What is left of budgets, which not every cost centre has: budgets less what is
-- charged to those that have one.
budgets as (
    select
        month as billing_month,
        to_amount(sum(budget)) as budget,
        to_amount(sum(budgeted_amount)) as budgeted_amount,
        to_amount(sum(budget_remaining)) as budget_remaining,
        -- A true zero: each cost centre has a budget.
        to_amount(coalesce(sum(amount) filter (where budget is null), 0))
            as unbudgeted_amount,
        count(*) filter (where budget is null and tenants > 0) as unbudgeted_count
    from report_cost_centers
    group by month
    having count(budget) > 0
)

select
    sums.billing_month as month,
    getvariable('priced_currency') as currency,
    case when stated.is_closed then 'FINAL' else 'PROVISIONAL' end as status,
    sums.billing_month < date_trunc('month', getvariable('as_of')) as has_ended,
    is_in_trends(sums.billing_month) as is_recent,
    -- The latest month that has ended; in the very first month, that one.
    row_number() over (order by has_ended desc, sums.billing_month desc) = 1
        as is_headline,
    row_number() over (order by sums.billing_month desc) = 1 as is_latest,
    earlier.days_in_month as prior_days_in_month,
    earlier.covered_days as prior_covered_days,
    sums.* exclude (billing_month), -- noqa: RF02
    stated.* exclude (billing_month, is_closed), -- noqa: RF02
    budgets.* exclude (billing_month), -- noqa: RF02
    to_ratio(sums.failed_runs, sums.runs) as failed_ratio,
    to_ratio(sums.runs_by_listing, sums.runs) as listing_ratio,
    to_ratio(sums.runs_by_snapshot, sums.runs) as snapshot_ratio,
    to_ratio(sums.runs_by_current_owner, sums.runs) as current_owner_ratio,
    to_ratio(stated.comparable_change_amount, stated.comparable_prior_amount)
        as change_ratio,
    to_ratio(sums.unallocated_amount, sums.amount) as unallocated_ratio
from sums
left join stated
    on sums.billing_month = stated.billing_month
left join budgets
    on sums.billing_month = budgets.billing_month
left join sums as earlier
    on sums.billing_month = cast(earlier.billing_month + interval 1 month as date)
