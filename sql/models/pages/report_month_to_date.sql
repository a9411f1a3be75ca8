-- The month so far against the same days of the month before, over all tenants.
-- grain: metric

-- The month of the last complete day, up to it; the month before, up to the same day.
with compared_days as (
    select
        date >= date_trunc('month', getvariable('as_of') - 1) as is_current,
        -- Of several tenants each has the day: those that none of them lacks.
        count(distinct date)
        - count(distinct date) filter (where runs is null) as read_days,
        min(date) as first_date,
        max(date) as last_date,
        sum(runs) as runs,
        sum_of_listed(third_party_runs, runs) as third_party_runs,
        sum_of_listed(failed_runs, runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes
    from tenant_daily
    where
        date >= date_trunc('month', getvariable('as_of') - 1) - interval 1 month
        and day(date) <= day(getvariable('as_of') - 1)
    group by date >= date_trunc('month', getvariable('as_of') - 1)
),

-- One row a metric, in the unit that a reader thinks in.
measured as (
    select
        metrics.position,
        metrics.metric,
        metrics.unit,
        compared.is_current,
        compared.read_days,
        compared.first_date,
        compared.last_date,
        cast(
            case metrics.metric
                when 'runs' then compared.runs
                when 'third_party_runs' then compared.third_party_runs
                when 'failed_runs' then compared.failed_runs
                when 'duration_hours' then compared.duration_seconds / 3600
                when 'bandwidth_in_gb' then compared.bandwidth_in_bytes / 1000000000
                when 'bandwidth_out_gb' then compared.bandwidth_out_bytes / 1000000000
            end as decimal(30, 3)
        ) as quantity
    from compared_days as compared
    cross join (
        values
        (1, 'runs', 'runs'),
        (2, 'third_party_runs', 'runs'),
        (3, 'failed_runs', 'runs'),
        (4, 'duration_hours', 'hours'),
        (5, 'bandwidth_in_gb', 'GB'),
        (6, 'bandwidth_out_gb', 'GB')
    ) as metrics (position, metric, unit)
)

-- Without an earlier month there is nothing to compare with: unknown.
select
    today.position,
    today.metric,
    today.unit,
    today.first_date,
    today.last_date,
    today.read_days,
    earlier.read_days as prior_read_days,
    today.quantity,
    earlier.quantity as prior_quantity,
    cast(today.quantity - earlier.quantity as decimal(30, 3)) as difference,
    cast(
        (today.quantity - earlier.quantity) / nullif(earlier.quantity, 0)
        as decimal(33, 6)
    ) as change_ratio
from measured as today
left join measured as earlier
    on
        today.metric = earlier.metric
        and not earlier.is_current
where today.is_current
