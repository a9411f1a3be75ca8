-- Every run that was ever listed, also those that have not ended yet.
-- grain: tenant, run_id
-- conserves: sum(1), sum(duration_seconds) per tenant, automation_id = int_runs_owned

-- The join keeps every run: most tenants tell the bytes of none.
select
    runs.tenant,
    runs.run_id,
    runs.automation_id,
    runs.owner_id,
    runs.space_id,
    runs.executed_by_id,
    runs.run_status as status,
    runs.run_error as error,
    runs.run_context as context,
    runs.is_third_party as billable,
    runs.is_test,
    case when runs.is_metered then runs.run_date end as date,
    runs.created_at,
    runs.started_at,
    runs.stopped_at,
    runs.left_queue_at,
    runs.duration_seconds,
    -- A clock that went back gives 0; greatest() would make one of unknown, too.
    case
        when runs.started_at < runs.created_at then 0
        else date_sub('second', runs.created_at, runs.started_at)
    end as queue_seconds,
    metrics.bandwidth_in_bytes,
    metrics.bandwidth_out_bytes,
    metrics.api_calls
from int_runs_owned as runs
left join stg_run_metrics as metrics
    on
        runs.tenant = metrics.tenant
        and runs.run_id = metrics.run_id
