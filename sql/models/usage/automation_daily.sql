-- What each automation used on a day, by the owner and space that it ran for.
-- grain: tenant, date, automation_id, owner_id, space_id
-- conserves: sum(runs), sum(scheduled_runs), sum(triggered_runs), sum(webhook_runs),
--   sum(duration_seconds), sum(bandwidth_in_bytes), sum(bandwidth_out_bytes)
--   per tenant, date, automation_id where source = 'usage' = sum(metered_runs),
--   sum(scheduled_runs), sum(triggered_runs), sum(webhook_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) of int_usage_days by tenant,
--   usage_date, automation_id where usage_date < getvariable('as_of')
-- conserves: sum(failed_runs), sum(third_party_runs), sum(api_calls) per tenant, date,
--   automation_id = _runs_grouped by tenant, usage_date, automation_id
--   where usage_date < getvariable('as_of')

-- A true zero: a measure without a row was metered as 0 on a day that was metered.
with divided as (
    select
        tenant,
        usage_date,
        automation_id,
        owner_id,
        space_id,
        coalesce(max(measured) filter (where measure = 'runs'), 0) as runs,
        coalesce(
            max(measured) filter (where measure = 'scheduled_runs'), 0
        ) as scheduled_runs,
        coalesce(
            max(measured) filter (where measure = 'triggered_runs'), 0
        ) as triggered_runs,
        coalesce(
            max(measured) filter (where measure = 'webhook_runs'), 0
        ) as webhook_runs,
        coalesce(
            max(measured) filter (where measure = 'duration_seconds'), 0
        ) as duration_seconds,
        coalesce(
            max(measured) filter (where measure = 'bandwidth_in_bytes'), 0
        ) as bandwidth_in_bytes,
        coalesce(
            max(measured) filter (where measure = 'bandwidth_out_bytes'), 0
        ) as bandwidth_out_bytes
    from _usage_divided
    group by tenant, usage_date, automation_id, owner_id, space_id
),

-- A day that one owner and space has alone is theirs whole; where usage has no row,
-- the listed runs count, and what they do not tell is unknown.
shares as (
    select
        parts.tenant,
        parts.usage_date,
        parts.automation_id,
        parts.owner_id,
        parts.space_id,
        parts.attribution,
        parts.source,
        case
            when parts.source = 'runs' then parts.listed_runs
            when parts.part_count = 1 then parts.metered_runs
            else divided.runs
        end as runs,
        case
            when parts.part_count = 1 then parts.scheduled_runs
            else divided.scheduled_runs
        end as scheduled_runs,
        case
            when parts.part_count = 1 then parts.triggered_runs
            else divided.triggered_runs
        end as triggered_runs,
        case
            when parts.part_count = 1 then parts.webhook_runs
            else divided.webhook_runs
        end as webhook_runs,
        case
            when parts.source = 'runs' then parts.listed_seconds
            when parts.part_count = 1 then parts.duration_seconds
            else divided.duration_seconds
        end as duration_seconds,
        case
            when parts.part_count = 1 then parts.bandwidth_in_bytes
            else divided.bandwidth_in_bytes
        end as bandwidth_in_bytes,
        case
            when parts.part_count = 1 then parts.bandwidth_out_bytes
            else divided.bandwidth_out_bytes
        end as bandwidth_out_bytes,
        parts.listed_runs,
        parts.third_party_runs,
        parts.failed_runs,
        parts.unknown_billing_runs,
        parts.api_calls,
        parts.unknown_call_runs
    from int_usage_attributed as parts
    left join divided -- a row for each part of a divided day, none for other days
        on
            parts.tenant = divided.tenant
            and parts.usage_date = divided.usage_date
            and parts.automation_id = divided.automation_id
            and parts.owner_id = divided.owner_id
            and parts.space_id = divided.space_id
    where parts.usage_date < getvariable('as_of')
)

select
    tenant,
    usage_date as date,
    automation_id,
    owner_id,
    space_id,
    attribution,
    source,
    runs,
    third_party_runs,
    failed_runs,
    scheduled_runs,
    triggered_runs,
    webhook_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    api_calls,
    -- No run is listed behind them: a true zero where nothing is listed.
    greatest(runs - coalesce(listed_runs, 0), 0) as unlisted_runs,
    greatest(runs - coalesce(listed_runs, 0), 0)
    + coalesce(unknown_billing_runs, 0) as unknown_billing_runs,
    greatest(runs - coalesce(listed_runs, 0), 0)
    + coalesce(unknown_call_runs, 0) as unknown_call_runs,
    case when source = 'runs' then runs else 0 end as unmetered_runs
from shares
