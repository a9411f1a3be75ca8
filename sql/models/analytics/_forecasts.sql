-- A month's usage cost as forecast on its day: so far, to come, and what it came to.
-- grain: tenant, billing_month, cost_center

with days_to_come as (
    select
        origins.tenant,
        origins.billing_month,
        dayofweek(series.coming_date) as day_of_week,
        count(*) as day_count
    from _forecast_origins as origins
    cross join
        unnest(
            generate_series(
                origins.origin_date + 1, last_day(origins.billing_month), interval 1 day
            )
        ) as series (coming_date)
    group by origins.tenant, origins.billing_month, dayofweek(series.coming_date)
),

coming as (
    select
        weekdays.tenant,
        weekdays.billing_month,
        weekdays.cost_center,
        sum(weekdays.usage_amount * days_to_come.day_count) as coming_amount
    from _forecast_weekdays as weekdays
    inner join days_to_come
        on
            weekdays.tenant = days_to_come.tenant
            and weekdays.billing_month = days_to_come.billing_month
            and weekdays.day_of_week = days_to_come.day_of_week
    group by weekdays.tenant, weekdays.billing_month, weekdays.cost_center
),

so_far as (
    select
        origins.tenant,
        origins.billing_month,
        center_days.cost_center,
        sum(center_days.usage_amount) as actual_amount,
        sum(center_days.usage_amount) filter (
            where center_days.date <= origins.origin_date
        ) as to_date_amount
    from _forecast_origins as origins
    inner join cost_center_daily as center_days
        on
            origins.tenant = center_days.tenant
            and origins.billing_month = date_trunc('month', center_days.date)
    group by origins.tenant, origins.billing_month, center_days.cost_center
),

-- Zeros are true ones: nothing so far, or nothing to come.
joined as (
    select
        coalesce(so_far.tenant, coming.tenant) as tenant,
        coalesce(so_far.billing_month, coming.billing_month) as billing_month,
        coalesce(so_far.cost_center, coming.cost_center) as cost_center,
        coalesce(so_far.to_date_amount, 0) as to_date_amount,
        coalesce(coming.coming_amount, 0) as coming_amount,
        coalesce(so_far.actual_amount, 0) as actual_amount
    from so_far
    full join coming
        on
            so_far.tenant = coming.tenant
            and so_far.billing_month = coming.billing_month
            and so_far.cost_center = coming.cost_center
)

select
    joined.tenant,
    joined.billing_month,
    joined.cost_center,
    origins.is_running,
    origins.is_judged,
    origins.are_all_judged,
    cast(joined.to_date_amount as decimal(33, 6)) as to_date_amount,
    cast(joined.coming_amount as decimal(33, 6)) as coming_amount,
    cast(joined.actual_amount as decimal(33, 6)) as actual_amount
from joined
inner join _forecast_origins as origins -- drops nothing: forecasts are of these
    on
        joined.tenant = origins.tenant
        and joined.billing_month = origins.billing_month
