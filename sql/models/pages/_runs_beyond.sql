-- Runs that waited or ran in another month than the one that they are of, and when.
-- grain: tenant, month, is_queued, began_at, ended_at

-- A run waits from its creation until it starts, or ends without, and runs from its
-- start until it stops. One that has not left the queue is ended by the tenant after 14
-- days.
with spans as (
    select
        tenant,
        coalesce(started_at, created_at) as moment,
        true as is_queued,
        created_at as began_at,
        coalesce(left_queue_at, created_at + interval 14 day) as ended_at
    from runs
    where
        left_queue_at is null
        or left_queue_at >= first_of_concurrency(getvariable('as_of'))
    union all
    select
        tenant,
        started_at as moment,
        false as is_queued,
        started_at as began_at,
        stopped_at as ended_at
    from runs
    where
        stopped_at > started_at
        and stopped_at >= first_of_concurrency(getvariable('as_of'))
),

-- Most are of one day, which is quicker to see than that they are of one month.
beyond as (
    select
        *,
        greatest(began_at, first_of_concurrency(getvariable('as_of'))) as from_at,
        least(ended_at, getvariable('as_of')) as until_at
    from spans
    where
        ended_at >= began_at
        and not (
            cast(began_at as date) = cast(ended_at as date)
            and cast(began_at as date) = cast(moment as date)
        )
        and (
            date_trunc('month', began_at) != date_trunc('month', moment)
            or date_trunc('month', ended_at) != date_trunc('month', moment)
        )
),

listed as (
    select
        *,
        cast(
            unnest(
                generate_series(
                    date_trunc('month', from_at), until_at, interval 1 month
                )
            ) as date
        ) as month
    from beyond
    where from_at <= until_at
)

select
    tenant,
    month,
    is_queued,
    began_at,
    ended_at,
    count(*) as runs
from listed
where month != date_trunc('month', moment)
group by tenant, month, is_queued, began_at, ended_at
