-- The connectors that a run used, for attribution: not parts of its bandwidth.
-- grain: tenant, run_id, connector_id
-- conserves: nothing: of a run that two days tell of, the later day counts

select
    tenant,
    run_id,
    connector_id,
    automation_id,
    received_bytes as bandwidth_in_bytes,
    sent_bytes as bandwidth_out_bytes,
    api_calls
from raw_run_connectors
qualify
    row_number() over (
        partition by tenant, run_id, connector_id
        order by date desc
    ) = 1
