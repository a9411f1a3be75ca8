-- Days on which an automation was metered, with what usage calls it and its owner.
-- grain: tenant, usage_date, automation_id
-- conserves: nothing: it has no quantities

select
    tenant,
    usage_date,
    automation_id,
    -- The same on every row of the day: usage names the owner of now.
    max(automation_name) as automation_name,
    max(current_owner_id) as current_owner_id
from stg_usage
group by tenant, usage_date, automation_id
