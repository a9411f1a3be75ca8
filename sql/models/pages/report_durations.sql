-- How long the runs of a month took and waited: average, median, percentiles, longest.
-- grain: month

select
    cast(date_trunc('month', date) as date) as month,
    count(*) as runs,
    -- For reading: to a tenth of a second.
    cast(avg(duration_seconds) as decimal(18, 1)) as average_seconds,
    quantile_disc(duration_seconds, 0.5) as median_seconds,
    quantile_disc(duration_seconds, 0.9) as p90_seconds,
    quantile_disc(duration_seconds, 0.95) as p95_seconds,
    quantile_disc(duration_seconds, 0.99) as p99_seconds,
    max(duration_seconds) as longest_seconds,
    quantile_disc(queue_seconds, 0.5) as median_queue_seconds,
    quantile_disc(queue_seconds, 0.95) as p95_queue_seconds,
    max(queue_seconds) as longest_queue_seconds
from runs
where
    date >= date_trunc('month', getvariable('as_of')) - interval 12 month
    and date < getvariable('as_of')
    and duration_seconds is not null
group by date_trunc('month', date)
