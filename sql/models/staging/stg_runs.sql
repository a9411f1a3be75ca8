-- Automation runs; of the days that list a run, the newest record wins.
-- grain: tenant, run_id

select
    tenant,
    run_id,
    automation_id,
    space_id,
    nullif(owner_id, '') as listed_owner_id,
    nullif(executed_by_id, '') as executed_by_id,
    status as run_status,
    error as run_error,
    context as run_context,
    billable as is_third_party,
    is_test,
    duration_seconds as stated_seconds,
    created_at at time zone 'UTC' as created_at,
    started_at at time zone 'UTC' as started_at,
    stopped_at at time zone 'UTC' as stopped_at,
    updated_at at time zone 'UTC' as updated_at
from raw_runs
qualify
    row_number() over (
        partition by tenant, run_id
        order by updated_at desc nulls last, date desc
    ) = 1
