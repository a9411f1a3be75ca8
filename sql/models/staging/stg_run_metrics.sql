-- What a run transferred, as counted by the network. Of several days that report a run,
-- the latest wins.
-- grain: tenant, run_id

select
    tenant,
    run_id,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    api_calls
from raw_run_metrics
qualify
    row_number() over (
        partition by tenant, run_id
        order by date desc
    ) = 1
