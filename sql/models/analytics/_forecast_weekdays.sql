-- What a cost centre's usage costs on a day of the week, by the 28 days before; what it
-- cost in the last three weeks of them; and the amount of its quietest day of the week.
-- Before what is included, which early in a month is all, and later nothing.
-- grain: tenant, billing_month, cost_center, day_of_week

-- Holidays say nothing of other days.
with known_days as (
    select
        origins.tenant,
        origins.billing_month,
        daily.date as usage_date,
        dayofweek(daily.date) as day_of_week,
        origins.origin_date - 21 < daily.date as is_recent
    from _forecast_origins as origins
    inner join tenant_daily as daily -- drops days that were not read whole
        on
            origins.tenant = daily.tenant
            and origins.origin_date - 28 < daily.date
            and origins.origin_date >= daily.date
            and daily.status = 'complete'
    where not is_holiday(daily.date)
),

-- distinct: a row for each cost centre, whatever its days.
centers as (
    select distinct
        known_days.tenant,
        known_days.billing_month,
        center_days.cost_center
    from known_days
    inner join cost_center_daily as center_days
        on
            known_days.tenant = center_days.tenant
            and known_days.usage_date = center_days.date
            and center_days.gross_usage_amount > 0
),

-- A true zero: the day was read, and the cost centre used nothing.
filled as (
    select
        known_days.*,
        centers.cost_center,
        coalesce(center_days.gross_usage_amount, 0) as usage_amount
    from known_days
    inner join centers
        on
            known_days.tenant = centers.tenant
            and known_days.billing_month = centers.billing_month
    left join cost_center_daily as center_days
        on
            centers.tenant = center_days.tenant
            and centers.cost_center = center_days.cost_center
            and known_days.usage_date = center_days.date
),

-- Any day stands in for a day of the week that was never read: day_of_week null.
medians as (
    select
        tenant,
        billing_month,
        cost_center,
        day_of_week,
        median(usage_amount) as usage_amount,
        sum(usage_amount) filter (where is_recent) as recent_amount,
        count(*) filter (where is_recent) as recent_days
    from filled
    group by
        grouping sets (
            (tenant, billing_month, cost_center, day_of_week),
            (tenant, billing_month, cost_center)
        )
)

select
    any_day.tenant,
    any_day.billing_month,
    any_day.cost_center,
    weekdays.day_of_week,
    coalesce(medians.usage_amount, any_day.usage_amount) as usage_amount,
    medians.recent_amount,
    medians.recent_days,
    min(medians.usage_amount) over (
        partition by any_day.tenant, any_day.billing_month, any_day.cost_center
    ) as quietest_amount
from medians as any_day
cross join (values (0), (1), (2), (3), (4), (5), (6)) as weekdays (day_of_week)
left join medians
    on
        any_day.tenant = medians.tenant
        and any_day.billing_month = medians.billing_month
        and any_day.cost_center = medians.cost_center
        and weekdays.day_of_week = medians.day_of_week
where any_day.day_of_week is null
