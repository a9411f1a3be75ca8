-- The most runs at once, running and queued, of each day of a quarter of a year.
-- grain: tenant, date

-- A run waits from its creation until it starts, or ends without, and runs from its
-- start until it stops. What has not left the queue waits to this day, but 14 days at
-- most: then the tenant ends it.
-- Files of earlier months are passed over: each part of spans compares a column.
with spans as (
    select
        tenant,
        created_at as began_at,
        left_queue_at as ended_at,
        0 as running,
        1 as queued
    from runs
    where left_queue_at >= getvariable('as_of') - interval 92 day
    union all
    select
        tenant,
        created_at as began_at,
        least(created_at + interval 14 day, getvariable('as_of')) as ended_at,
        0 as running,
        1 as queued
    from runs
    where
        left_queue_at is null
        and created_at >= getvariable('as_of') - interval 106 day
    union all
    select
        tenant,
        started_at as began_at,
        stopped_at as ended_at,
        1 as running,
        0 as queued
    from runs
    where
        stopped_at > started_at
        and stopped_at >= getvariable('as_of') - interval 92 day
),

-- A span that is across midnight takes no step there, but is counted: each day begins
-- with what the day before left.
steps as (
    select
        tenant,
        unnest([began_at, ended_at] || midnights(began_at, ended_at)) as stepped_at,
        unnest([running, -running]) as running_step,
        unnest([queued, -queued]) as queued_step
    from spans
    where
        ended_at >= began_at
        and ended_at >= getvariable('as_of') - interval 92 day
),

-- One row a moment: who stops in the second in which another starts is not beside it.
-- Midnights alone take no step: 0.
counted as (
    select
        tenant,
        cast(stepped_at as date) as counted_date,
        sum(coalesce(sum(running_step), 0)) over so_far as running,
        sum(coalesce(sum(queued_step), 0)) over so_far as queued
    from steps
    group by tenant, stepped_at
    window so_far as (partition by tenant order by stepped_at)
),

waits as (
    select
        tenant,
        date,
        quantile_disc(queue_seconds, 0.95) as p95_queue_seconds,
        max(queue_seconds) as longest_queue_seconds
    from runs
    where date >= getvariable('as_of') - interval 92 day
    group by tenant, date
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
    on counted.tenant = waits.tenant and counted.counted_date = waits.date
where
    counted.counted_date >= getvariable('as_of') - interval 92 day
    and counted.counted_date < getvariable('as_of')
group by counted.tenant, counted.counted_date
