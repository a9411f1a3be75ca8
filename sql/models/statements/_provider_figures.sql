-- What the provider counted of a calendar month, and what we did until it was read.
-- grain: tenant, billing_month, meter
-- conserves: nothing: it is what another party counted

-- The last reading of the month, on a day that is over. An end of a period may be
-- written as its last day, or as the first day after it.
with readings as (
    select
        tenant,
        period_start_date as billing_month,
        meter,
        snapshot_date,
        provider_used
    from stg_consumption
    where
        meter in ('runs', 'third_party_runs')
        and provider_used is not null
        and snapshot_date < getvariable('as_of')
        and day(period_start_date) = 1
        and case
            when period_end_date is null then period_type = 'month'
            else
                period_end_date
                between last_day(period_start_date) and last_day(period_start_date) + 1
        end
    qualify
        row_number() over (
            partition by tenant, period_start_date, meter
            order by snapshot_date desc, period_type = 'month' desc, period_type asc
        ) = 1
)

-- The reading holds a part of its own day: we have counted less before that day, and
-- more after it. A true zero: nothing was used on any day that is due.
select
    readings.tenant,
    readings.billing_month,
    readings.meter,
    readings.snapshot_date as read_date,
    readings.provider_used,
    coalesce(
        sum(
            case readings.meter
                when 'runs' then daily.runs
                else daily.third_party_runs
            end
        ) filter (where daily.date < readings.snapshot_date),
        0
    ) as used_before,
    coalesce(
        sum(
            case readings.meter
                when 'runs' then daily.runs
                else daily.third_party_runs
            end
        ),
        0
    ) as used_after
from readings
left join tenant_daily as daily -- keeps a reading without a day of ours
    on
        readings.tenant = daily.tenant
        and readings.billing_month = date_trunc('month', daily.date)
        and readings.snapshot_date >= daily.date
group by
    readings.tenant,
    readings.billing_month,
    readings.meter,
    readings.snapshot_date,
    readings.provider_used
