-- How long the runs of a day waited for their start.
-- grain: tenant, date

with waits as (
    select
        tenant,
        date,
        seconds,
        sum(runs) over (partition by tenant, date order by seconds) as so_far,
        sum(runs) over (partition by tenant, date) as total
    from _run_seconds
    where kind in ('queue', 'queue_alone')
)

select
    tenant,
    date,
    percentile_of(seconds, so_far, total, 95) as p95_queue_seconds,
    max(seconds) as longest_queue_seconds
from waits
group by tenant, date
