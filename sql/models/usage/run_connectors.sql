-- The connectors that a run used, for attribution: not parts of its bandwidth.
-- grain: tenant, run_id, connector_id
-- conserves: sum(bandwidth_in_bytes), sum(bandwidth_out_bytes), sum(api_calls)
--   per tenant = stg_run_connectors

select
    tenant,
    run_id,
    connector_id,
    automation_id,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    api_calls
from stg_run_connectors
