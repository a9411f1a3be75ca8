-- What each automation used on a day, by the owner and space that it ran for.
-- grain: tenant, date, automation_id, owner_id, space_id
-- by: month of date
-- conserves: sum(runs), sum(scheduled_runs), sum(triggered_runs), sum(webhook_runs),
--   sum(duration_seconds), sum(bandwidth_in_bytes), sum(bandwidth_out_bytes)
--   per tenant, date where source = 'usage' =
--   sum(case when measure = 'runs' then measured end),
--   sum(case when measure = 'scheduled_runs' then measured end),
--   sum(case when measure = 'triggered_runs' then measured end),
--   sum(case when measure = 'webhook_runs' then measured end),
--   sum(case when measure = 'duration_seconds' then measured end),
--   sum(case when measure = 'bandwidth_in_bytes' then measured end),
--   sum(case when measure = 'bandwidth_out_bytes' then measured end)
--   of stg_usage by tenant, usage_date where usage_date < getvariable('as_of')
-- conserves: sum(third_party_runs), sum(api_calls) per tenant, date =
--   sum(cast(billable as int)), sum(api_calls) of runs by tenant, date
--   where date < getvariable('as_of')

-- A column for each measure.
with metered as (
    select
        tenant,
        usage_date,
        part_id,
        max(measured) filter (where measure = 'runs') as metered_runs,
        max(measured) filter (where measure = 'scheduled_runs') as scheduled_runs,
        max(measured) filter (where measure = 'triggered_runs') as triggered_runs,
        max(measured) filter (where measure = 'webhook_runs') as webhook_runs,
        max(measured) filter (where measure = 'duration_seconds') as duration_seconds,
        max(measured) filter (
            where measure = 'bandwidth_in_bytes'
        ) as bandwidth_in_bytes,
        max(measured) filter (
            where measure = 'bandwidth_out_bytes'
        ) as bandwidth_out_bytes
    from _usage_divided
    group by tenant, usage_date, part_id
)

select
    parts.tenant,
    parts.usage_date as date,
    parts.automation_id,
    parts.owner_id,
    parts.space_id,
    parts.attribution,
    parts.source,
    -- A measure without a row was metered as 0 on a day that was metered. On a day that
    -- was not, listed runs count, and what they do not report is unknown.
    case parts.source
        when 'usage' then coalesce(metered.metered_runs, 0)
        else parts.listed_runs
    end as runs,
    parts.third_party_runs,
    parts.failed_runs,
    parts.successful_runs,
    case when parts.source = 'usage' then coalesce(metered.scheduled_runs, 0) end
        as scheduled_runs,
    case when parts.source = 'usage' then coalesce(metered.triggered_runs, 0) end
        as triggered_runs,
    case when parts.source = 'usage' then coalesce(metered.webhook_runs, 0) end
        as webhook_runs,
    case parts.source
        when 'usage' then coalesce(metered.duration_seconds, 0)
        else parts.listed_seconds
    end as duration_seconds,
    case when parts.source = 'usage' then coalesce(metered.bandwidth_in_bytes, 0) end
        as bandwidth_in_bytes,
    case when parts.source = 'usage' then coalesce(metered.bandwidth_out_bytes, 0) end
        as bandwidth_out_bytes,
    parts.api_calls,
    -- Metered, but not listed.
    greatest(runs - coalesce(parts.listed_runs, 0), 0) as unlisted_runs,
    unlisted_runs + coalesce(parts.unknown_billing_runs, 0) as unknown_billing_runs,
    unlisted_runs + coalesce(parts.unknown_call_runs, 0) as unknown_call_runs,
    unlisted_runs + coalesce(parts.unknown_outcome_runs, 0) as unknown_outcome_runs,
    case when parts.source = 'runs' then runs else 0 end as unmetered_runs
from int_usage_attributed as parts
left join metered -- a row for each part of a day that was metered
    on
        parts.tenant = metered.tenant
        and parts.usage_date = metered.usage_date
        and parts.part_id = metered.part_id
where parts.usage_date < getvariable('as_of')
