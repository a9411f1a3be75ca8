-- Every connector that was ever listed, or used in a run that tells its connectors.
-- grain: tenant, connector_id

with used as (
    select
        tenant,
        connector_id
    from run_connectors
    group by tenant, connector_id
)

-- The join keeps both: not every caller may list connectors, and some are not used.
select
    coalesce(listed.tenant, used.tenant) as tenant,
    coalesce(listed.connector_id, used.connector_id) as connector_id,
    listed.connector_name as name,
    coalesce(listed.connector_name, listed.connector_id, used.connector_id) as label,
    listed.is_third_party as billable
from stg_connectors as listed
full join used
    on
        listed.tenant = used.tenant
        and listed.connector_id = used.connector_id
