-- What a run transferred, by the network's own count; of two days, the later wins.
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
