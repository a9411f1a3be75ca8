-- Users as they were listed on the day of a snapshot, whatever their status.
-- grain: tenant, snapshot_date, user_id

select
    tenant,
    date as snapshot_date,
    user_id,
    nullif(trim(name), '') as user_name,
    nullif(trim(email), '') as user_email,
    status as user_status
from raw_users
