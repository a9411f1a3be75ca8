-- Which connectors the runs used, where audit events tell it.
-- grain: tenant, connector_id

select
    tenant,
    connector_id,
    count(distinct automation_id) as automations, -- of several runs each
    count(*) as runs,
    sum(received_bytes) as received_bytes,
    sum(sent_bytes) as sent_bytes,
    sum(api_call_count) as api_calls
from run_connectors
group by tenant, connector_id
