-- Automations as they were listed on the day of a snapshot.
-- grain: tenant, snapshot_date, automation_id
-- by: month of snapshot_date

select
    tenant,
    date as snapshot_date,
    automation_id,
    nullif(trim(name), '') as automation_name,
    nullif(owner_id, '') as listed_owner_id,
    space_id,
    state as automation_state,
    run_mode,
    max_concurrent_runs,
    created_at at time zone 'UTC' as created_at,
    last_run_at at time zone 'UTC' as last_run_at
from raw_automations
