-- Every connector that was ever listed, or that a run is known to have used.
-- grain: tenant, connector_id

-- Of the days that list one, the latest that has its name wins.
with listed as (
    select
        tenant,
        connector_id,
        nullif(trim(name), '') as connector_name,
        billable
    from raw_connectors
    qualify
        row_number() over (
            partition by tenant, connector_id
            order by connector_name is null asc, date desc
        ) = 1
),

used as (
    select
        tenant,
        connector_id
    from run_connectors
    group by tenant, connector_id
)

-- The join keeps both: some are not used, and not every caller may list connectors.
select
    coalesce(listed.tenant, used.tenant) as tenant,
    coalesce(listed.connector_id, used.connector_id) as connector_id,
    listed.connector_name as name,
    coalesce(listed.connector_name, listed.connector_id, used.connector_id) as label,
    listed.billable
from listed
full join used
    on
        listed.tenant = used.tenant
        and listed.connector_id = used.connector_id
