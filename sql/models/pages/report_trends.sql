-- Usage by day, week and month, in all and of those that ran most by each dimension.
-- grain: period, period_start, dimension, position

-- The days that are due: of all tenants, read or not.
with due as (
    select
        date as due_date,
        bool_or(runs is not null) as is_read
    from tenant_daily
    where date >= date_trunc('month', getvariable('as_of')) - interval 12 month
    group by date
),

-- A day stands alone for a quarter of a year, and in its week and month for 13 months.
days as (
    select
        due.due_date,
        due.is_read,
        periods.period,
        cast(date_trunc(periods.period, due.due_date) as date) as period_start
    from due
    cross join (values ('day'), ('week'), ('month')) as periods (period)
    where
        periods.period != 'day'
        or due.due_date >= getvariable('as_of') - interval 92 day
),

named as (
    select
        dimension,
        position,
        position = 7 as is_rest,
        count(*) as entity_count,
        case when position < 7 then max(entity_tenant) end as tenant,
        case when position < 7 then max(entity_id) end as entity_id,
        case when position < 7 then max(label) end as label
    from int_trend_places
    group by dimension, position
),

used as (
    select
        days.period,
        days.period_start,
        places.dimension,
        places.position,
        sum(seen.runs) as runs,
        sum(seen.third_party_runs) as third_party_runs,
        sum(seen.failed_runs) as failed_runs,
        sum(seen.duration_seconds) as duration_seconds,
        sum(seen.bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(seen.bandwidth_out_bytes) as bandwidth_out_bytes
    from days
    inner join int_usage_by_dimension as seen -- a day without usage is below
        on days.due_date = seen.usage_date
    inner join int_trend_places as places -- drops nothing: it has a place for each
        on
            seen.dimension = places.dimension
            and seen.entity_tenant = places.entity_tenant
            and seen.entity_id = places.entity_id
    group by days.period, days.period_start, places.dimension, places.position
),

periods as (
    select
        period,
        period_start,
        bool_or(is_read) as is_read
    from days
    group by period, period_start
)

-- A true zero: something of the period was read, and none of it is theirs.
select
    periods.period,
    periods.period_start,
    named.dimension,
    named.position,
    named.is_rest,
    named.entity_count,
    named.tenant,
    named.entity_id,
    named.label,
    case when periods.is_read then coalesce(used.runs, 0) end as runs,
    case
        when used.runs is null and periods.is_read then 0
        else used.third_party_runs
    end as third_party_runs,
    case
        when used.runs is null and periods.is_read then 0
        else used.failed_runs
    end as failed_runs,
    -- For an axis: hours and GB, rounded.
    case
        when periods.is_read
            then cast(coalesce(used.duration_seconds, 0) / 3600 as decimal(18, 2))
    end as duration_hours,
    case
        when used.runs is null and periods.is_read then 0
        else cast(used.bandwidth_in_bytes / 1000000000 as decimal(18, 3))
    end as bandwidth_in_gb,
    case
        when used.runs is null and periods.is_read then 0
        else cast(used.bandwidth_out_bytes / 1000000000 as decimal(18, 3))
    end as bandwidth_out_gb
from named
cross join periods
left join used
    on
        periods.period = used.period
        and periods.period_start = used.period_start
        and named.dimension = used.dimension
        and named.position = used.position
