-- Runs that waited or ran in another month than the one that they are of, and when.
-- grain: tenant, month, run_id, is_queued

-- A run waits from its creation until it starts, or ends without, and runs from its
-- start until it stops. One that has not left the queue is ended by the tenant after 14
-- days.
with spans as (
    select
        tenant,
        run_id,
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
        run_id,
        started_at as moment,
        false as is_queued,
        started_at as began_at,
        stopped_at as ended_at
    from runs
    where
        stopped_at > started_at
        and stopped_at >= first_of_concurrency(getvariable('as_of'))
),

-- Most are in one month: only of the others months are listed.
beyond as (
    select
        *,
        greatest(began_at, first_of_concurrency(getvariable('as_of'))) as from_at,
        least(ended_at, getvariable('as_of')) as until_at
    from spans
    where
        ended_at >= began_at
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
    run_id,
    is_queued,
    began_at,
    ended_at
from listed
where month != date_trunc('month', moment)
