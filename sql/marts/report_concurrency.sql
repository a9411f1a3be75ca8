-- The most runs at once, running and queued, of each day of a quarter of a year.
-- grain: tenant, date

-- A run waits from its creation to its start, and runs from then until it stops. The
-- day before the first one is read too: a run may reach over midnight.
with steps as (
    select
        tenant,
        created_at as stepped_at,
        0 as running_step,
        1 as queued_step
    from runs
    where
        started_at >= created_at
        and created_at >= getvariable('as_of') - interval 93 day
    union all
    select
        tenant,
        started_at as stepped_at,
        0 as running_step,
        -1 as queued_step
    from runs
    where
        started_at >= created_at
        and created_at >= getvariable('as_of') - interval 93 day
    union all
    select
        tenant,
        started_at as stepped_at,
        1 as running_step,
        0 as queued_step
    from runs
    where
        stopped_at > started_at
        and started_at >= getvariable('as_of') - interval 93 day
    union all
    select
        tenant,
        stopped_at as stepped_at,
        -1 as running_step,
        0 as queued_step
    from runs
    where
        stopped_at > started_at
        and started_at >= getvariable('as_of') - interval 93 day
),

-- One row a moment: who stops in the second in which another starts is not beside it.
moments as (
    select
        tenant,
        stepped_at,
        sum(running_step) as running_change,
        sum(queued_step) as queued_change
    from steps
    group by tenant, stepped_at
),

counted as (
    select
        tenant,
        cast(stepped_at as date) as counted_date,
        sum(running_change) over moments_so_far as running,
        sum(queued_change) over moments_so_far as queued
    from moments
    window
        moments_so_far as (
            partition by tenant
            order by stepped_at
        )
),

waits as (
    select
        tenant,
        metering_date,
        quantile_disc(queue_seconds, 0.95) as p95_queue_seconds,
        max(queue_seconds) as longest_queue_seconds
    from runs
    where metering_date >= getvariable('as_of') - interval 92 day
    group by tenant, metering_date
)

select
    counted.tenant,
    counted.counted_date as date,
    max(counted.running) as most_running,
    max(counted.queued) as most_queued,
    max(waits.p95_queue_seconds) as p95_queue_seconds, -- one row a day
    max(waits.longest_queue_seconds) as longest_queue_seconds
from counted
left join waits
    on
        counted.tenant = waits.tenant
        and counted.counted_date = waits.metering_date
where
    counted.counted_date >= getvariable('as_of') - interval 92 day
    and counted.counted_date < getvariable('as_of')
group by counted.tenant, counted.counted_date
