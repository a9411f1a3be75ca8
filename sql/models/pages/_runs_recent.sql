-- Runs of the last 30 days that have ended, with the limit that stops such a run: those
-- that failed one by one, all others of an automation and a context together.
-- grain: tenant, automation_id, runs_key
-- conserves: sum(runs) per tenant, automation_id = sum(1) of runs
--   where date >= getvariable('as_of') - interval 30 day
--   and date < getvariable('as_of')

with ended as (
    select
        runs.tenant,
        runs.automation_id,
        runs.context,
        limits.limit_seconds,
        runs.duration_seconds,
        runs.started_at,
        runs.status,
        runs.error,
        -- A status that is not known is no failure.
        coalesce(statuses.is_failed or statuses.is_stopped_by_limit, false)
            as is_failed,
        coalesce(statuses.is_stopped_by_limit, false) as is_stopped_by_limit,
        -- Stopped by its limit, or at 70 % of it: in whole numbers.
        coalesce(
            statuses.is_stopped_by_limit
            or 10 * runs.duration_seconds >= 7 * limits.limit_seconds,
            false
        ) as is_near_limit,
        case
            when statuses.is_failed or statuses.is_stopped_by_limit then runs.run_id
        end as failed_run_id
    from runs
    left join seed_statuses as statuses
        on runs.status = statuses.status
    left join seed_contexts as known
        on runs.context = known.context
    inner join seed_contexts as limits -- drops nothing: unknown contexts have one limit
        on coalesce(known.context, 'other') = limits.context
    where
        runs.date >= getvariable('as_of') - interval 30 day
        and runs.date < getvariable('as_of')
)

select
    tenant,
    automation_id,
    coalesce('run ' || failed_run_id, 'context ' || context, '') as runs_key,
    failed_run_id,
    context,
    limit_seconds,
    is_failed,
    is_stopped_by_limit,
    max(status) filter (where is_failed) as status,
    max(error) filter (where is_failed) as error,
    count(*) as runs,
    count(*) filter (where is_near_limit) as near_runs,
    max(started_at) as started_at,
    max(started_at) filter (where is_near_limit) as near_at,
    max(duration_seconds) as duration_seconds
from ended
group by
    tenant, automation_id, failed_run_id, context, limit_seconds, is_failed,
    is_stopped_by_limit
