-- Every run that was ever listed, also those that have not ended yet.
-- grain: tenant, run_id
-- by: month of coalesce(started_at, created_at)
-- conserves: sum(1), sum(duration_seconds) per tenant, automation_id = stg_runs

-- The joins keep every run. Most tenants report the bytes of none. The owner is looked
-- up only where the run has none, as of the day of its start or creation: in usage, if
-- that was read before the first snapshot, else in the snapshots.
select
    runs.tenant,
    runs.run_id,
    runs.automation_id,
    coalesce(
        runs.listed_owner_id,
        case
            when usage_days.read_on < versions.valid_from
                then usage_days.current_owner_id
        end,
        versions.listed_owner_id,
        usage_days.current_owner_id,
        'unknown'
    ) as owner_id,
    runs.space_id,
    runs.executed_by_id,
    runs.run_status as status,
    runs.run_error as error,
    runs.run_context as context,
    runs.is_third_party as billable,
    runs.is_test,
    -- A run is metered on the UTC day of its start, once it has ended.
    case
        when runs.has_ended and runs.started_at is not null then runs.run_date
    end as date,
    runs.created_at,
    runs.started_at,
    runs.stopped_at,
    runs.left_queue_at,
    runs.duration_seconds,
    -- A clock that went back gives 0. greatest() would turn null into 0, too.
    case
        when runs.started_at < runs.created_at then 0
        else date_sub('second', runs.created_at, runs.started_at)
    end as queue_seconds,
    metrics.bandwidth_in_bytes,
    metrics.bandwidth_out_bytes,
    metrics.api_calls
from stg_runs as runs
left join stg_run_metrics as metrics
    on
        runs.tenant = metrics.tenant
        and runs.run_id = metrics.run_id
left join int_automation_versions as versions
    on
        runs.listed_owner_id is null
        and runs.tenant = versions.tenant
        and runs.automation_id = versions.automation_id
        and runs.run_date >= versions.counted_from
        and runs.run_date < versions.attributed_until
left join int_usage_days as usage_days
    on
        runs.listed_owner_id is null
        and runs.tenant = usage_days.tenant
        and runs.automation_id = usage_days.automation_id
        and runs.run_date = usage_days.usage_date
