-- The sums below the statements of a month: one a tenant, and one of all tenants.
-- grain: tenant
-- conserves: sum(amount) per tenant where tenant is not null = marts.statement
--   where month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

-- Who was charged earlier in the year only counts for the year; else for true zeros.
with statements as (
    select *
    from marts.statement
    where
        month = getvariable('export_month')
        and cost_center = coalesce(getvariable('export_cost_center'), cost_center)
    union all by name
    select
        *,
        amount as usage_amount,
        amount as fixed_amount,
        amount as no_tenant_amount,
        amount as adjustment_amount,
        amount as prior_amount,
        amount as change_amount,
        amount as comparable_prior_amount,
        amount as comparable_change_amount
    from charged_before
)

select
    tenant,
    sum(usage_amount) as usage_amount,
    sum(fixed_amount) as fixed_amount,
    sum_of_known(no_tenant_amount) as no_tenant_amount,
    sum(adjustment_amount) as adjustment_amount,
    sum(amount) as amount,
    sum_of_known(prior_amount) as prior_amount,
    sum_of_known(change_amount) as change_amount,
    sum_of_known(comparable_prior_amount) as comparable_prior_amount,
    sum_of_known(comparable_change_amount) as comparable_change_amount,
    sum(budget) as budget, -- of those that have one
    sum(budgeted_amount) as budgeted_amount,
    sum(budget_remaining) as budget_remaining,
    sum(ytd_amount) as ytd_amount,
    currency,
    sum_if_known(
        sum(display_amount),
        count(display_amount) = count(statement_number), -- each statement has one
        min(display_currency),
        max(display_currency)
    ) as display_amount,
    case
        when min(display_currency) = max(display_currency) then max(display_currency)
    end as display_currency
from statements
group by grouping sets ((tenant, currency), (currency))
having grouping(tenant) = 0 or count(distinct tenant) > 1 -- no sum of a single tenant
order by tenant nulls last
