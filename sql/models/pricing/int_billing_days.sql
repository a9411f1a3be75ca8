-- Days with usage, by the period in which no price and no rule changes.
-- grain: usage_date
-- conserves: nothing: days have no quantities

-- A month, a price and a rule begin with a day, and end after their last one.
with boundaries as (
    select cast(date_trunc('month', date) as date) as boundary
    from automation_daily
    union
    select rate_from as boundary
    from finance_rates
    union
    select valid_to + 1 as boundary
    from finance_rates
    union
    select valid_from as boundary
    from _cost_center_rules
    union
    select valid_to + 1 as boundary
    from _cost_center_rules
),

used_days as (
    select date as usage_date
    from automation_daily
    group by date
)

select
    used_days.usage_date,
    cast(date_trunc('month', used_days.usage_date) as date) as billing_month,
    max(boundaries.boundary) as period_start
from used_days
inner join boundaries -- drops no day: each has the start of its month
    on used_days.usage_date >= boundaries.boundary
group by used_days.usage_date
