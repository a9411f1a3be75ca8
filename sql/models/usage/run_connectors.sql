-- The connectors that a run used, for attribution: not parts of its bandwidth.
-- grain: tenant, run_id, connector_id

select
    tenant,
    run_id,
    connector_id,
    automation_id,
    received_bytes,
    sent_bytes,
    api_call_count
from stg_run_connectors
