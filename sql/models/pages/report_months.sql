-- A month over all tenants: what is charged and used, and how well it is founded.
-- grain: month
-- conserves: sum(amount) per month = tenant_monthly
--   where month in (select month from report_months)

with card as (
    select -- null: nothing has a price
        case
            when
                (select count(*) from finance_rates)
                + (select count(*) from finance_fixed_costs)
                + (select count(*) from raw_closed_months)
                > 0
                then getvariable('currency')
        end as currency
),

sums as (
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
        cast(sum(amount) as decimal(18, 3)) as amount,
        -- Unknown where it is unknown for one of the tenants that are charged.
        case
            when count(prior_amount) = count(amount)
                then cast(sum(prior_amount) as decimal(18, 3))
        end as prior_amount,
        case
            when count(change_amount) = count(amount)
                then cast(sum(change_amount) as decimal(18, 3))
        end as change_amount,
        cast(sum(unallocated_amount) as decimal(18, 3)) as unallocated_amount
    from tenant_monthly
    group by month
    -- A month of which nothing was read has no page.
    having max(covered_days) > 0 or sum(runs) is not null
),

-- What is left of budgets, which not every cost centre has: the sum of its lines.
budgets as (
    select
        month as billing_month,
        cast(sum(budget) as decimal(18, 3)) as budget,
        cast(sum(budget_rest) as decimal(18, 3)) as budget_rest
    from report_cost_centers
    group by month
),

-- Final where each statement of the month is.
closed as (
    select
        month as billing_month,
        bool_and(closed) as is_closed
    from statement
    group by month
),

described as (
    select
        sums.* exclude (amount, unallocated_amount),
        card.currency,
        -- Where prices are set, nothing charged is a true zero.
        case
            when card.currency is not null
                then cast(coalesce(sums.amount, 0) as decimal(18, 3))
        end as amount,
        case
            when card.currency is not null
                then cast(coalesce(sums.unallocated_amount, 0) as decimal(18, 3))
        end as unallocated_amount,
        case when closed.is_closed then 'FINAL' else 'PROVISIONAL' end as status,
        budgets.budget,
        budgets.budget_rest,
        earlier.covered_days as prior_covered_days,
        earlier.days_in_month as prior_days_in_month,
        sums.billing_month
        < date_trunc('month', getvariable('as_of')) as has_ended,
        sums.billing_month
        >= date_trunc('month', getvariable('as_of'))
        - interval 12 month as is_recent
    from sums
    cross join card
    left join budgets
        on sums.billing_month = budgets.billing_month
    left join closed
        on sums.billing_month = closed.billing_month
    left join sums as earlier
        on
            sums.billing_month
            = cast(earlier.billing_month + interval 1 month as date)
)

select
    billing_month as month,
    currency,
    status,
    has_ended,
    is_complete,
    is_recent,
    -- The latest month that has ended; in the very first month, that one.
    row_number() over (
        order by has_ended desc, billing_month desc
    ) = 1 as is_headline,
    days_in_month,
    covered_days,
    prior_days_in_month,
    prior_covered_days,
    listed_days,
    first_covered_date,
    last_covered_date,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    cast(duration_seconds / 3600 as decimal(18, 2)) as duration_hours,
    cast(bandwidth_in_bytes / 1000000000 as decimal(18, 3)) as bandwidth_in_gb,
    cast(bandwidth_out_bytes / 1000000000 as decimal(18, 3)) as bandwidth_out_gb,
    unlisted_runs,
    unknown_billing_runs,
    unmetered_runs,
    runs_by_listing,
    runs_by_snapshot,
    runs_by_current_owner,
    amount,
    prior_amount,
    change_amount,
    budget,
    budget_rest,
    unallocated_amount,
    -- Shares are for reading, not for booking. Of nothing there is none: null.
    cast(failed_runs / nullif(runs, 0) as decimal(18, 6)) as failed_ratio,
    cast(runs_by_listing / nullif(runs, 0) as decimal(18, 6)) as listing_ratio,
    cast(runs_by_snapshot / nullif(runs, 0) as decimal(18, 6)) as snapshot_ratio,
    cast(
        runs_by_current_owner / nullif(runs, 0) as decimal(18, 6)
    ) as current_owner_ratio,
    cast(change_amount / nullif(prior_amount, 0) as decimal(18, 6)) as change_ratio,
    cast(unallocated_amount / nullif(amount, 0) as decimal(18, 6))
        as unallocated_ratio
from described
