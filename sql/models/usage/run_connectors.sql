-- The connectors that a run used, for attribution: not parts of its bandwidth.
-- grain: tenant, run_id, connector_id
-- conserves: sum(received_bytes), sum(sent_bytes) per tenant = stg_run_connectors

select
    tenant,
    run_id,
    connector_id,
    automation_id,
    received_bytes,
    sent_bytes,
    api_calls
from stg_run_connectors
