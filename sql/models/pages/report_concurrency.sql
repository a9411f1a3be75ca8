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

numbers as (
    select
        tenant,
        cast(row_number() over (order by tenant) as int) as tenant_number
    from runs
    group by tenant
),

-- A span that is across midnight takes no step there, but is counted: each day begins
-- with what the day before left. Of a moment, which has two places, what ends comes
-- first: who stops in the second in which another starts is not beside it. Whole
-- numbers are sorted in a third of the time of names and moments.
steps as (
    select
        numbers.tenant_number,
        spans.is_queued,
        greatest(spans.began_at, getvariable('as_of') - interval 92 day) as from_at,
        unnest(ends_and_midnights(from_at, spans.ended_at)) as stepped_at,
        unnest([1, -1]) as step,
        2 * epoch_us(stepped_at) + case when step < 0 then 0 else 1 end as place
    from spans
    inner join numbers on spans.tenant = numbers.tenant -- drops nothing
    where spans.ended_at >= spans.began_at and spans.ended_at >= from_at
),

counted as (
    select
        tenant_number,
        place,
        sum(step) filter (where not is_queued) over sums as running,
        sum(step) filter (where is_queued) over sums as queued
    from steps
    window sums as (partition by tenant_number order by place rows unbounded preceding)
),

-- At the second place of a moment all of it is counted. Zeros are true: none began.
days as (
    select
        tenant_number,
        cast(make_timestamp(place // 2) as date) as date,
        coalesce(max(running), 0) as most_running,
        coalesce(max(queued), 0) as most_queued
    from counted
    where place % 2 = 1
    group by tenant_number, cast(make_timestamp(place // 2) as date)
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
    numbers.tenant,
    days.* exclude (tenant_number), -- noqa: RF02
    waits.* exclude (tenant, date) -- noqa: RF02
from days
inner join numbers on days.tenant_number = numbers.tenant_number -- drops nothing
left join waits on numbers.tenant = waits.tenant and days.date = waits.date
where days.date < getvariable('as_of')
