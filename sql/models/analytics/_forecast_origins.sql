-- The day on which a month is forecast, whether its forecast can be judged, and what
-- is known of holidays by then.
-- grain: tenant, billing_month

-- The running month is that of the last day that is over; the 12 before it are
-- forecast from when as many days were to come, or from their first one: months differ
-- in length, and only of the days to come a forecast can be wrong.
with running as (
    select
        cast(date_trunc('month', getvariable('as_of') - 1) as date) as running_month,
        cast(last_day(getvariable('as_of') - 1) - getvariable('as_of') + 1 as integer)
            as coming_days
),

months as (
    select
        months.tenant,
        months.billing_month,
        months.billing_month = running.running_month as is_running,
        months.covered_days = months.days_in_month as is_whole,
        greatest(
            last_day(months.billing_month) - running.coming_days, months.billing_month
        ) as origin_date
    from int_tenant_months as months
    inner join running -- drops older months
        on
            months.billing_month <= running.running_month
            and months.billing_month >= running.running_month - interval 12 month
),

-- A holiday's runs, and those of its day of the week in the two weeks before.
days as (
    select
        tenant,
        date as known_date,
        case when is_holiday(date) then runs end as holiday_runs,
        avg(runs) filter (where not is_holiday(date)) over (
            partition by tenant, dayofweek(date)
            order by date
            range between interval 14 day preceding and interval 7 day preceding
        ) as ordinary_runs
    from tenant_daily
    where status = 'complete'
),

-- A forecast stands on 28 days, of which a week may be missing. What holidays are like
-- is known by those of a year.
founded as (
    select
        months.tenant,
        months.billing_month,
        count(*) filter (where months.origin_date - 28 < days.known_date) >= 21
            as is_founded,
        count(days.ordinary_runs) filter (where days.holiday_runs is not null)
            as holiday_count,
        sum(days.holiday_runs) filter (where days.ordinary_runs is not null)
        / nullif(
            sum(days.ordinary_runs) filter (where days.holiday_runs is not null), 0
        ) as holiday_ratio
    from months
    inner join days
        on
            months.tenant = days.tenant
            and months.origin_date - 366 < days.known_date
            and months.origin_date >= days.known_date
    group by months.tenant, months.billing_month
)

select
    months.tenant,
    months.billing_month,
    months.origin_date,
    months.is_running,
    not months.is_running
    and months.is_whole
    and coalesce(founded.is_founded, false) as is_judged,
    -- Of all tenants together.
    bool_and(
        not months.is_running
        and months.is_whole
        and coalesce(founded.is_founded, false)
    ) over (partition by months.billing_month) as are_all_judged,
    -- Of a holiday without ordinary runs before it no part can be said.
    case when founded.holiday_ratio is null then 0 else founded.holiday_count end
        as holiday_count,
    cast(coalesce(founded.holiday_ratio, 0) as decimal(33, 6)) as holiday_ratio
from months
left join founded
    on
        months.tenant = founded.tenant
        and months.billing_month = founded.billing_month
