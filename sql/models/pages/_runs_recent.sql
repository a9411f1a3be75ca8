-- Runs of the last 30 days that have ended, with the limit that stops such a run.
-- grain: tenant, run_id

-- What the vendor documents: seconds that a run may take by how it was started.
with limits as (
    select
        known.context,
        known.limit_seconds
    from (
        values
        ('api_sync', 55),
        ('webhook', 870)
    ) as known (context, limit_seconds)
)

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
    coalesce(limits.limit_seconds, 14400) as limit_seconds, -- all others: four hours
    runs.status in ('failed', 'exceeded limit') as is_failed,
    runs.status = 'exceeded limit' as is_stopped_by_limit,
    -- At 70 % of its limit a run is worth a look: in whole numbers.
    coalesce(
        10 * runs.duration_seconds >= 7 * coalesce(limits.limit_seconds, 14400), false
    ) as is_near_limit
from runs
left join limits
    on runs.context = limits.context
where
    runs.metering_date >= getvariable('as_of') - interval 30 day
    and runs.metering_date < getvariable('as_of')
