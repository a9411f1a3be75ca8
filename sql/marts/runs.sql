-- Every run that was ever listed, also those that have not ended yet.
-- grain: tenant, run_id

select
    tenant,
    run_id,
    automation_id,
    owner_id,
    space_id,
    executed_by_id,
    run_status as status,
    run_context as context,
    is_third_party as billable,
    is_test,
    case when is_metered then run_date end as metering_date,
    created_at,
    started_at,
    stopped_at,
    duration_seconds,
    -- A clock that went back gives 0; greatest() would make one of unknown, too.
    case
        when started_at < created_at then 0
        else date_sub('second', created_at, started_at)
    end as queue_seconds
from int_runs_owned
