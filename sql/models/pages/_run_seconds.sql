-- How many runs of a day took, and how many waited, so many seconds.
-- grain: tenant, date, kind, seconds
-- by: month of date
-- conserves: sum(runs) per tenant, date where kind = 'duration' = sum(1) of runs
--   where date is not null and duration_seconds is not null

select
    tenant,
    date,
    'duration' as kind,
    duration_seconds as seconds,
    count(*) as runs
from runs
where date is not null and duration_seconds is not null
group by tenant, date, duration_seconds
union all
-- Of a run whose seconds are not known it may be known how long it waited.
select
    tenant,
    date,
    case when duration_seconds is null then 'queue_alone' else 'queue' end as kind,
    queue_seconds as seconds,
    count(*) as runs
from runs
where date is not null and queue_seconds is not null
group by tenant, date, duration_seconds is null, queue_seconds
