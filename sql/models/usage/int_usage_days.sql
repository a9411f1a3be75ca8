-- Days on which an automation was metered, with its name and owner as usage has them.
-- grain: tenant, usage_date, automation_id
-- conserves: nothing: it has no quantities

select
    tenant,
    usage_date,
    automation_id,
    -- The same in every row of a day: as they were when usage was read.
    max(automation_name) as automation_name,
    max(current_owner_id) as current_owner_id
from stg_usage
group by tenant, usage_date, automation_id
