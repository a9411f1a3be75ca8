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
        sum(used.base_quantity) filter (where used.usage_date < readings.snapshot_date),
        0
    ) as used_before,
    coalesce(sum(used.base_quantity), 0) as used_after
from readings
left join int_meter_daily as used -- keeps a reading without a day of ours
    on
        readings.tenant = used.tenant
        and readings.meter = used.meter
        and readings.billing_month = date_trunc('month', used.usage_date)
        and readings.snapshot_date >= used.usage_date
group by
    readings.tenant,
    readings.billing_month,
    readings.meter,
    readings.snapshot_date,
    readings.provider_used
