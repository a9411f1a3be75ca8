-- Runs of the last 30 days that have ended, with the limit that stops such a run.
-- grain: tenant, run_id

select
    runs.tenant,
    runs.run_id,
    runs.automation_id,
    runs.owner_id,
    runs.space_id,
    runs.status,
    runs.error,
    runs.context,
    runs.started_at,
    runs.created_at,
    runs.duration_seconds,
    limits.limit_seconds,
    -- A status that is not known is no failure.
    coalesce(statuses.is_failed or statuses.is_stopped_by_limit, false) as is_failed,
    coalesce(statuses.is_stopped_by_limit, false) as is_stopped_by_limit,
    -- Stopped by its limit, or at 70 % of it: in whole numbers.
    coalesce(
        statuses.is_stopped_by_limit
        or 10 * runs.duration_seconds >= 7 * limits.limit_seconds,
        false
    ) as is_near_limit
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
