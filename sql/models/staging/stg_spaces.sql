-- Spaces as they were listed on the day of a snapshot. Personal spaces never are.
-- grain: tenant, snapshot_date, space_id

select
    tenant,
    date as snapshot_date,
    space_id,
    nullif(trim(name), '') as space_name,
    type as space_type
from raw_spaces
