-- Connectors. Of the days that list one, the latest that has its name wins.
-- grain: tenant, connector_id

select
    tenant,
    connector_id,
    nullif(trim(name), '') as connector_name,
    billable as is_third_party
from raw_connectors
qualify
    row_number() over (
        partition by tenant, connector_id
        order by connector_name is null asc, date desc
    ) = 1
