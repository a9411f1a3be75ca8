-- The connectors that a run used, with the bytes of the blocks that used them.
-- grain: tenant, run_id, connector_id
-- conserves: nothing: where several days report a run, the latest counts

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
