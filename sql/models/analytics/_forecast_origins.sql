-- The day on which a month is forecast, and whether its forecast can be judged.
-- grain: tenant, billing_month

-- The running month is that of the last day that is over; the 12 before it are
-- forecast from the same day of the month, as far as they have it; from their last one
-- when it is over.
with running as (
    select
        cast(date_trunc('month', getvariable('as_of') - 1) as date) as running_month,
        day(getvariable('as_of') - 1) as running_day
),

months as (
    select
        months.tenant,
        months.billing_month,
        months.billing_month = running.running_month as is_running,
        months.covered_days = months.days_in_month as is_whole,
        case
            when day(getvariable('as_of')) = 1 then last_day(months.billing_month)
            else
                least(
                    months.billing_month + cast(running.running_day as integer) - 1,
                    last_day(months.billing_month)
                )
        end as origin_date
    from int_tenant_months as months
    inner join running -- drops older months
        on
            months.billing_month <= running.running_month
            and months.billing_month >= running.running_month - interval 12 month
),

-- A forecast stands on 28 days, of which a week may be missing.
founded as (
    select
        months.tenant,
        months.billing_month,
        count(*) >= 21 as is_founded
    from months
    inner join tenant_daily as daily
        on
            months.tenant = daily.tenant
            and months.origin_date - 28 < daily.date
            and months.origin_date >= daily.date
    where daily.status = 'complete'
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
    ) over (partition by months.billing_month) as are_all_judged
from months
left join founded
    on
        months.tenant = founded.tenant
        and months.billing_month = founded.billing_month
