-- A month's usage cost as forecast on its day: so far, to come, and what it came to,
-- before what is included.
-- grain: tenant, billing_month, cost_center

with days_to_come as (
    select
        origins.tenant,
        origins.billing_month,
        origins.holiday_count,
        origins.holiday_ratio,
        dayofweek(series.coming_date) as day_of_week,
        count(*) as day_count,
        count(*) filter (where is_holiday(cast(series.coming_date as date)))
            as holidays
    from _forecast_origins as origins
    cross join
        unnest(
            generate_series(
                origins.origin_date + 1, last_day(origins.billing_month), interval 1 day
            )
        ) as series (coming_date)
    group by
        origins.tenant, origins.billing_month, origins.holiday_count,
        origins.holiday_ratio, dayofweek(series.coming_date)
),

-- A day costs its median, which an odd day does not move. The sum of a week or more is
-- nearer to the mean, which follows what grows and what runs now and then.
entries as (
    select
        weekdays.tenant,
        weekdays.billing_month,
        weekdays.cost_center,
        sum(
            weekdays.usage_amount * (coming.day_count - coming.holidays)
            + coming.holidays * amount_on_holiday(
                weekdays.usage_amount, weekdays.quietest_amount,
                coming.holiday_count, coming.holiday_ratio
            )
        ) * case
            when sum(coming.day_count) < 7 then 1
            else
                within_tenth(
                    sum(weekdays.recent_amount),
                    sum(weekdays.usage_amount * weekdays.recent_days)
                )
        end as coming_amount
    from _forecast_weekdays as weekdays
    inner join days_to_come as coming
        on
            weekdays.tenant = coming.tenant
            and weekdays.billing_month = coming.billing_month
            and weekdays.day_of_week = coming.day_of_week
    group by weekdays.tenant, weekdays.billing_month, weekdays.cost_center
    union all by name
    select
        origins.tenant,
        origins.billing_month,
        used.cost_center,
        case
            when used.date <= origins.origin_date then used.gross_usage_amount
        end as to_date_amount,
        used.gross_usage_amount as actual_amount
    from _forecast_origins as origins
    inner join cost_center_daily as used
        on
            origins.tenant = used.tenant
            and origins.billing_month = date_trunc('month', used.date)
)

-- Zeros are true ones: nothing so far, or nothing to come.
select
    entries.tenant,
    entries.billing_month,
    entries.cost_center,
    origins.is_running,
    origins.is_judged,
    origins.are_all_judged,
    cast(coalesce(sum(entries.to_date_amount), 0) as decimal(33, 6)) as to_date_amount,
    cast(coalesce(sum(entries.coming_amount), 0) as decimal(33, 6)) as coming_amount,
    cast(coalesce(sum(entries.actual_amount), 0) as decimal(33, 6)) as actual_amount
from entries
inner join _forecast_origins as origins -- drops nothing: forecasts are of these
    on
        entries.tenant = origins.tenant
        and entries.billing_month = origins.billing_month
group by
    entries.tenant, entries.billing_month, entries.cost_center, origins.is_running,
    origins.is_judged, origins.are_all_judged
