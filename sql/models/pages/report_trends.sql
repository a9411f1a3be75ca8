-- Usage by day, week and month, in all and of those that ran most by each dimension.
-- grain: period, period_start, dimension, position

-- The days that are due, of all tenants, read or not. A day stands alone for a quarter
-- of a year, and in its week and month for 13 months.
with days as (
    select
        daily.date as due_date,
        periods.period,
        cast(date_trunc(periods.period, daily.date) as date) as period_start,
        bool_or(daily.runs is not null) as is_read
    from tenant_daily as daily
    cross join (values ('day'), ('week'), ('month')) as periods (period)
    where
        is_in_trends(daily.date)
        and (
            periods.period != 'day'
            or daily.date >= getvariable('as_of') - interval 92 day
        )
    group by daily.date, periods.period
),

periods as (
    select
        period,
        period_start,
        bool_or(is_read) as is_read
    from days
    group by period, period_start
),

used as (
    select
        days.period,
        days.period_start,
        seen.dimension,
        seen.entity_tenant,
        seen.entity_id,
        sum(seen.runs) as runs,
        sum(seen.third_party_runs) as third_party_runs,
        sum(seen.failed_runs) as failed_runs,
        sum(seen.duration_seconds) as duration_seconds,
        sum(seen.bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(seen.bandwidth_out_bytes) as bandwidth_out_bytes
    from days
    inner join int_usage_by_dimension as seen -- a day without usage is below
        on days.due_date = seen.usage_date
    group by
        days.period, days.period_start, seen.dimension, seen.entity_tenant,
        seen.entity_id
)

-- A true zero: something of the period was read, and none of it is theirs.
select
    periods.period,
    periods.period_start,
    ranks.dimension,
    ranks.position,
    is_remaining(ranks.position, 'trends') as is_rest,
    count(*) as entity_count,
    of_one(ranks.entity_tenant, ranks.position, 'trends') as tenant,
    of_one(ranks.entity_id, ranks.position, 'trends') as entity_id,
    of_one(ranks.label, ranks.position, 'trends') as label,
    sum_or_zero(used.runs, used.runs, periods.is_read) as runs,
    sum_or_zero(used.third_party_runs, used.runs, periods.is_read) as third_party_runs,
    sum_or_zero(used.failed_runs, used.runs, periods.is_read) as failed_runs,
    to_hours(sum_or_zero(used.duration_seconds, used.runs, periods.is_read))
        as duration_hours,
    to_gb(sum_or_zero(used.bandwidth_in_bytes, used.runs, periods.is_read))
        as bandwidth_in_gb,
    to_gb(sum_or_zero(used.bandwidth_out_bytes, used.runs, periods.is_read))
        as bandwidth_out_gb
from int_trend_ranks as ranks
cross join periods
left join used
    on
        periods.period = used.period
        and periods.period_start = used.period_start
        and ranks.dimension = used.dimension
        and ranks.entity_tenant = used.entity_tenant
        and ranks.entity_id = used.entity_id
group by
    periods.period, periods.period_start, periods.is_read, ranks.dimension,
    ranks.position
