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
        coalesce(
            left_queue_at, least(created_at + interval 14 day, getvariable('as_of'))
        ) as ended_at,
        true as is_queued
    from runs
    where
        left_queue_at is null
        or left_queue_at >= getvariable('as_of') - interval 92 day
    union all
    select
        tenant,
        started_at as began_at,
        stopped_at as ended_at,
        false as is_queued
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
        is_queued,
        greatest(began_at, getvariable('as_of') - interval 92 day) as from_at,
        unnest(ends_and_midnights(from_at, ended_at)) as stepped_at,
        coalesce(unnest([1, -1]), 0) as step
    from spans
    where ended_at >= began_at and ended_at >= from_at
),

-- One row a moment, 0 where it is a midnight alone: who stops in the second in which
-- another starts is not beside it.
-- Of these there are fewer than steps, which is what makes them cheap to sort.
moments as (
    select
        tenant,
        stepped_at,
        coalesce(sum(step) filter (where not is_queued), 0) as running_step,
        coalesce(sum(step) filter (where is_queued), 0) as queued_step
    from steps
    group by tenant, stepped_at
),

counted as (
    select
        tenant,
        cast(stepped_at as date) as date,
        sum(running_step) over so_far as running,
        sum(queued_step) over so_far as queued
    from moments
    window so_far as (
        partition by tenant order by stepped_at rows unbounded preceding
    )
),

waits as (
    select
        tenant,
        date,
        quantile_disc(queue_seconds, 0.95) as p95_queue_seconds,
        max(queue_seconds) as longest_queue_seconds,
        max_by(automation_id, (queue_seconds, automation_id)) as longest_automation_id
    from runs
    where queue_seconds >= 0 and date >= getvariable('as_of') - interval 92 day
    group by tenant, date
)

select
    counted.tenant,
    counted.date,
    max(counted.running) as most_running,
    max(counted.queued) as most_queued,
    max(waits.p95_queue_seconds) as p95_queue_seconds, -- one row a day
    max(waits.longest_queue_seconds) as longest_queue_seconds,
    max(waits.longest_automation_id) as longest_automation_id
from counted
left join waits on counted.tenant = waits.tenant and counted.date = waits.date
where counted.date < getvariable('as_of')
group by counted.tenant, counted.date
