-- The most runs at once, running and queued, of each day since the month in which the
-- last 92 days begin.
-- grain: tenant, date
-- by: month of date, of the last 92 days

-- A run waits from its creation until it starts, or ends without, and runs from its
-- start until it stops. What has not left the queue waits for 14 days at most: then the
-- tenant ends it.
with spans as (
    select
        tenant,
        cast(date_trunc('month', coalesce(started_at, created_at)) as date) as month,
        unnest([true, false]) as is_queued,
        unnest([created_at, started_at]) as began_at,
        unnest([
            coalesce(left_queue_at, created_at + interval 14 day),
            case when stopped_at > started_at then stopped_at end
        ]) as ended_at,
        1 as runs
    from runs
    where
        coalesce(started_at, created_at)
        >= first_of_concurrency(getvariable('as_of'))
    union all
    select * -- noqa: AM04
    from _runs_beyond
),

-- A month takes what is of it. A span that is across midnight takes no step there, but
-- is counted: each day begins with what the day before left.
steps as (
    select
        tenant,
        month,
        is_queued,
        greatest(began_at, month) as from_at,
        least(ended_at, month + interval 1 month, getvariable('as_of')) as until_at,
        unnest(ends_and_midnights(from_at, until_at)) as stepped_at,
        coalesce(unnest([runs, -runs]), 0) as step
    from spans
    where ended_at >= began_at and from_at <= until_at
),

-- One row a moment, 0 where it is a midnight alone: who stops in the second in which
-- another starts is not beside it.
-- Of these there are fewer than steps, which is what makes them cheap to sort.
moments as (
    select
        tenant,
        month,
        stepped_at,
        coalesce(sum(step) filter (where not is_queued), 0) as running_step,
        coalesce(sum(step) filter (where is_queued), 0) as queued_step
    from steps
    group by tenant, month, stepped_at
),

counted as (
    select
        tenant,
        month,
        cast(stepped_at as date) as date,
        sum(running_step) over so_far as running,
        sum(queued_step) over so_far as queued
    from moments
    window so_far as (
        partition by tenant, month order by stepped_at rows unbounded preceding
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
    where queue_seconds >= 0 and date >= first_of_concurrency(getvariable('as_of'))
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
where
    counted.date < getvariable('as_of')
    and counted.month = date_trunc('month', counted.date)
group by counted.tenant, counted.date
