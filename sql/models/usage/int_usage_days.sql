-- Metered quantities of an automation on a day, a column each.
-- grain: tenant, usage_date, automation_id
-- conserves: sum(metered_runs), sum(duration_seconds), sum(bandwidth_in_bytes),
--   sum(bandwidth_out_bytes) per tenant, usage_date, automation_id =
--   sum(case when measure = 'runs' then measured end), sum(case when measure =
--   'duration_seconds' then measured end), sum(case when measure =
--   'bandwidth_in_bytes' then measured end), sum(case when measure =
--   'bandwidth_out_bytes' then measured end) of stg_usage

select
    tenant,
    usage_date,
    automation_id,
    -- The same on every row of the day: usage names the owner of now.
    max(automation_name) as automation_name,
    max(current_owner_id) as current_owner_id,
    -- A true zero: the tenant leaves a row out where the value is 0.
    cast(
        coalesce(sum(measured) filter (where measure = 'runs'), 0) as bigint
    ) as metered_runs,
    cast(
        coalesce(sum(measured) filter (where measure = 'scheduled_runs'), 0)
        as bigint
    ) as scheduled_runs,
    cast(
        coalesce(sum(measured) filter (where measure = 'triggered_runs'), 0)
        as bigint
    ) as triggered_runs,
    cast(
        coalesce(sum(measured) filter (where measure = 'webhook_runs'), 0)
        as bigint
    ) as webhook_runs,
    cast(
        coalesce(sum(measured) filter (where measure = 'duration_seconds'), 0)
        as bigint
    ) as duration_seconds,
    cast(
        coalesce(sum(measured) filter (where measure = 'bandwidth_in_bytes'), 0)
        as bigint
    ) as bandwidth_in_bytes,
    cast(
        coalesce(sum(measured) filter (where measure = 'bandwidth_out_bytes'), 0)
        as bigint
    ) as bandwidth_out_bytes
from stg_usage
group by tenant, usage_date, automation_id
