-- A tenant's month: days read, usage, money, and how well both are founded.
-- grain: tenant, month
-- conserves: sum(runs), sum(duration_seconds), sum(unmetered_runs) per tenant, month =
--   tenant_daily by tenant, date_trunc('month', date)
-- conserves: sum(amount) per tenant, month = statement
-- conserves: each amount = usage_amount + fixed_amount + adjustment_amount
-- conserves: each budget_remaining = budget - budgeted_amount
-- conserves: each comparable_change_amount = amount - comparable_prior_amount

with used as (
    select
        tenant,
        cast(date_trunc('month', date) as date) as billing_month,
        sum(runs) as runs,
        sum_of_listed(third_party_runs, runs) as third_party_runs,
        sum_of_listed(failed_runs, runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs,
        sum(runs_by_listing) as runs_by_listing,
        sum(runs_by_snapshot) as runs_by_snapshot,
        sum(runs_by_current_owner) as runs_by_current_owner
    from tenant_daily
    group by tenant, date_trunc('month', date)
),

billed as (
    select
        tenant,
        month as billing_month,
        max(currency) as currency, -- they are all the same
        sum(usage_amount) as usage_amount,
        sum(fixed_amount) as fixed_amount,
        sum(adjustment_amount) as adjustment_amount,
        sum_of_known(no_tenant_amount) as no_tenant_amount,
        sum(amount) as amount,
        sum_of_known(prior_amount) as prior_amount,
        sum_of_known(comparable_prior_amount) as comparable_prior_amount,
        -- Of the cost centres whose budget stands with this tenant, and of all tenants.
        sum(budget) as budget,
        sum(budgeted_amount) as budgeted_amount,
        sum(budget_remaining) as budget_remaining,
        -- A true zero: rules took every charge.
        coalesce(sum(amount) filter (where is_unallocated), 0) as unallocated_amount
    from statement
    group by tenant, month
)

-- Keeps months in which nothing could be read: tenant_daily has their days.
select
    used.tenant,
    used.billing_month as month,
    day(last_day(used.billing_month)) as days_in_month,
    coalesce(months.covered_days, 0) as covered_days, -- no row: nothing was read
    coalesce(months.listed_days, 0) as listed_days,
    months.first_covered_date,
    months.last_covered_date,
    coalesce(months.covered_days = months.days_in_month, false) as is_complete,
    used.* exclude (tenant, billing_month), -- noqa: RF02
    to_amount(billed.usage_amount) as usage_amount,
    to_amount(billed.fixed_amount) as fixed_amount,
    to_amount(billed.adjustment_amount) as adjustment_amount,
    to_amount(billed.no_tenant_amount) as no_tenant_amount,
    to_amount(billed.amount) as amount,
    to_amount(billed.prior_amount) as prior_amount,
    to_amount(billed.amount - billed.prior_amount) as change_amount,
    to_amount(billed.comparable_prior_amount) as comparable_prior_amount,
    to_amount(billed.amount - billed.comparable_prior_amount)
        as comparable_change_amount,
    to_amount(billed.budget) as budget,
    to_amount(billed.budgeted_amount) as budgeted_amount,
    to_amount(billed.budget_remaining) as budget_remaining,
    to_amount(billed.unallocated_amount) as unallocated_amount,
    billed.currency
from used
left join billed
    on
        used.tenant = billed.tenant
        and used.billing_month = billed.billing_month
left join int_tenant_months as months
    on
        used.tenant = months.tenant
        and used.billing_month = months.billing_month
