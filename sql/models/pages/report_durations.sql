-- How long runs took: those of each month, and how many of 30 days took how long.
-- grain: kind, position

with months as (
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
        is_in_trends(date)
        and date < getvariable('as_of')
        and duration_seconds is not null
    group by date_trunc('month', date)
),

buckets as (
    select
        known.position,
        known.bucket,
        known.from_seconds,
        known.to_seconds
    from (
        values
        (1, 'under 1 s', 0, 1),
        (2, '1 to 10 s', 1, 10),
        (3, '10 to 60 s', 10, 60),
        (4, '1 to 5 min', 60, 300),
        (5, '5 to 15 min', 300, 900),
        (6, '15 to 60 min', 900, 3600),
        (7, '1 to 4 h', 3600, 14400),
        (8, '4 h and more', 14400, null)
    ) as known (position, bucket, from_seconds, to_seconds)
),

recent as (
    select duration_seconds
    from runs
    where
        date >= getvariable('as_of') - interval 30 day
        and date < getvariable('as_of')
        and duration_seconds is not null
),

-- Of nothing there is no share: null.
counted as (
    select
        buckets.position,
        buckets.bucket,
        count(recent.duration_seconds) as runs,
        cast(
            count(recent.duration_seconds)
            / nullif(sum(count(recent.duration_seconds)) over (), 0)
            as decimal(18, 6)
        ) as runs_ratio
    from buckets
    left join recent
        on
            buckets.from_seconds <= recent.duration_seconds
            and (
                buckets.to_seconds is null
                or buckets.to_seconds > recent.duration_seconds
            )
    group by buckets.position, buckets.bucket
),

listed as (
    select
        'months' as kind,
        row_number() over (order by months.month asc) as position,
        months.*
    from months
    union all by name
    select
        'buckets' as kind,
        counted.*
    from counted
)

select *
from listed
