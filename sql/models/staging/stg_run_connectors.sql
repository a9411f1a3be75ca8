-- What a run's blocks transferred by connector; of two days, the later wins.
-- grain: tenant, run_id, connector_id

select
    tenant,
    run_id,
    automation_id,
    connector_id,
    received_bytes as bandwidth_in_bytes,
    sent_bytes as bandwidth_out_bytes,
    api_calls
from raw_run_connectors
qualify
    row_number() over (
        partition by tenant, run_id, connector_id
        order by date desc
    ) = 1
