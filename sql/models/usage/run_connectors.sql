-- The connectors that a run used, with the bytes of the blocks that used them. Those of
-- runs before the tenant's first day are left out.
-- grain: tenant, run_id, connector_id
-- conserves: nothing: where several days report a run, the latest counts

select
    listed.tenant,
    listed.run_id,
    listed.connector_id,
    listed.automation_id,
    listed.received_bytes as bandwidth_in_bytes,
    listed.sent_bytes as bandwidth_out_bytes,
    listed.api_calls
from raw_run_connectors as listed
left join runs
    on
        listed.tenant = runs.tenant
        and listed.run_id = runs.run_id
where
    runs.run_id is not null
    or listed.date >= first_day_of(listed.tenant)
qualify
    row_number() over (
        partition by listed.tenant, listed.run_id, listed.connector_id
        order by listed.date desc
    ) = 1
