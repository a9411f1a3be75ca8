-- How long runs took: those of each month, and how many of 30 days took how long.
-- grain: kind, position

with taken as (
    select
        cast(date_trunc('month', date) as date) as month,
        case when kind = 'duration' then seconds end as took,
        case when kind = 'queue' then seconds end as waited,
        sum(runs) as runs,
        sum(sum(runs)) over (partition by month, kind order by seconds) as so_far,
        sum(sum(runs)) over (partition by month, kind) as total
    from _run_seconds
    where
        is_in_trends(date)
        and date < getvariable('as_of')
        and kind in ('duration', 'queue')
    group by date_trunc('month', date), kind, seconds
),

months as (
    select
        month,
        cast(sum(runs) filter (where took is not null) as bigint) as runs,
        -- For reading: to a tenth of a second.
        cast(
            sum(took * runs) / sum(runs) filter (where took is not null)
            as decimal(18, 1)
        ) as average_seconds,
        percentile_of(took, so_far, total, 50) as median_seconds,
        percentile_of(took, so_far, total, 90) as p90_seconds,
        percentile_of(took, so_far, total, 95) as p95_seconds,
        percentile_of(took, so_far, total, 99) as p99_seconds,
        max(took) as longest_seconds,
        percentile_of(waited, so_far, total, 50) as median_queue_seconds,
        percentile_of(waited, so_far, total, 95) as p95_queue_seconds,
        max(waited) as longest_queue_seconds
    from taken
    group by month
),

-- Of nothing there is no share: null.
counted as (
    select
        known.position,
        known.bucket,
        cast(coalesce(sum(recent.runs), 0) as bigint) as runs,
        cast(
            coalesce(sum(recent.runs), 0) / nullif(sum(sum(recent.runs)) over (), 0)
            as decimal(18, 6)
        ) as runs_ratio
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
    left join _run_seconds as recent
        on
            recent.kind = 'duration'
            and recent.date >= getvariable('as_of') - interval 30 day
            and recent.date < getvariable('as_of')
            and known.from_seconds <= recent.seconds
            and coalesce(known.to_seconds > recent.seconds, true)
    group by known.position, known.bucket
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
