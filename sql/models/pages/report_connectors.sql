-- Which connectors the runs used, where audit events tell it.
-- grain: tenant, connector_id

with used as (
    select
        tenant,
        connector_id,
        count(distinct automation_id) as automations, -- of several runs each
        count(*) as runs,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(api_calls) as api_calls
    from run_connectors
    group by tenant, connector_id
)

select
    used.tenant,
    used.connector_id,
    connectors.label,
    case
        when connectors.billable then 'third-party'
        when not connectors.billable then 'standard'
    end as licence_class,
    used.automations,
    used.runs,
    used.bandwidth_in_bytes,
    used.bandwidth_out_bytes,
    used.api_calls
from used
left join connectors -- has every one that was used
    on
        used.tenant = connectors.tenant
        and used.connector_id = connectors.connector_id
