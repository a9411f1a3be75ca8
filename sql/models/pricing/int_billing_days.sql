-- Days with usage, by the period in which no price changes and no rule matches anew.
-- grain: tenant, usage_date
-- conserves: nothing: days have no quantities

-- A month, a price, a rule and the match of a name begin with a day, and end after
-- their last one. Only those of names are of a tenant.
with boundaries as (
    select
        null as tenant,
        rate_from as boundary
    from finance_rates
    union
    select
        null as tenant,
        valid_to + 1 as boundary
    from finance_rates
    union
    select
        null as tenant,
        valid_from as boundary
    from finance_cost_centers
    union
    select
        null as tenant,
        valid_to + 1 as boundary
    from finance_cost_centers
    union
    select
        tenant,
        matched_from as boundary
    from _patterns_matched
    where rule > 0 -- what a run is worth changes no price
    union
    select
        tenant,
        matched_until as boundary
    from _patterns_matched
    where rule > 0
),

used_days as (
    select
        tenant,
        date as usage_date
    from automation_daily
    group by tenant, date
)

select
    used_days.tenant,
    used_days.usage_date,
    cast(date_trunc('month', used_days.usage_date) as date) as billing_month,
    greatest(billing_month, max(boundaries.boundary)) as period_start
from used_days
left join boundaries
    on
        used_days.tenant = coalesce(boundaries.tenant, used_days.tenant)
        and used_days.usage_date >= boundaries.boundary
group by used_days.tenant, used_days.usage_date
