-- What the tenant metered of an automation on a day, one measure a row.
-- grain: tenant, usage_date, automation_id, measure

select
    tenant,
    date as usage_date,
    automation_id,
    -- Our names, with their units; a metric that is new to us keeps its own.
    case metric
        when 'scheduledRuns' then 'scheduled_runs'
        when 'triggeredRuns' then 'triggered_runs'
        when 'webhookRuns' then 'webhook_runs'
        when 'duration' then 'duration_seconds'
        when 'bandwidthIn' then 'bandwidth_in_bytes'
        when 'bandwidthOut' then 'bandwidth_out_bytes'
        else metric
    end as measure,
    value as measured,
    nullif(trim(automation_name), '') as automation_name,
    nullif(owner_id, '') as current_owner_id
from raw_usage
