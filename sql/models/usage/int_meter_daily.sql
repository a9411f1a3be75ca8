-- What each automation used of each meter on a day, by the owner and space it ran for.
-- grain: tenant, usage_date, automation_id, owner_id, space_id, meter
-- by: month of usage_date
-- conserves: sum(case when meter = 'runs' then base_quantity end),
--   sum(case when meter = 'third_party_runs' then base_quantity end),
--   sum(case when meter = 'duration_hours' then base_quantity end),
--   sum(case when meter = 'bandwidth_gb' then base_quantity end),
--   sum(case when meter = 'api_calls' then base_quantity end)
--   per tenant, usage_date = sum(runs), sum(third_party_runs), sum(duration_seconds),
--   sum(cast(bandwidth_in_bytes as hugeint) + bandwidth_out_bytes), sum(api_calls)
--   of automation_daily by tenant, date

-- In base units: a meter sums up one or more measures.
with metered as (
    select
        divided.tenant,
        divided.usage_date,
        divided.part_id,
        measures.meter,
        sum(divided.measured) as quantity
    from _usage_divided as divided
    inner join seed_measures as measures -- drops what counts for no meter
        on
            divided.measure = measures.measure
            and measures.meter is not null
    group by
        divided.tenant, divided.usage_date, divided.part_id, measures.meter
)

-- Each part of an automation-day has a row of each meter. base_quantity is 0 where
-- nothing was used, and null where nothing is known; unknown_runs is the number of runs
-- of which the quantity is not known.
select
    daily.tenant,
    daily.date as usage_date,
    daily.automation_id,
    daily.owner_id,
    daily.space_id,
    meters.meter,
    cast(
        case
            when meters.meter = 'third_party_runs' then daily.third_party_runs
            when meters.meter = 'api_calls' then daily.api_calls
            when daily.source = 'usage' then coalesce(metered.quantity, 0)
            -- Listed and not metered: only runs and seconds are known.
            when meters.meter = 'runs' then daily.runs
            when meters.meter = 'duration_hours' then daily.duration_seconds
        end as hugeint
    ) as base_quantity,
    case
        when meters.meter = 'third_party_runs' then daily.unknown_billing_runs
        when meters.meter = 'api_calls' then daily.unknown_call_runs
        when base_quantity is null then daily.runs
        else 0
    end as unknown_runs
from automation_daily as daily
inner join int_usage_attributed as parts -- drops nothing: they are the same parts
    on
        daily.tenant = parts.tenant
        and daily.date = parts.usage_date
        and daily.automation_id = parts.automation_id
        and daily.owner_id = parts.owner_id
        and daily.space_id = parts.space_id
cross join seed_meters as meters
left join metered
    on
        parts.tenant = metered.tenant
        and parts.usage_date = metered.usage_date
        and parts.part_id = metered.part_id
        and meters.meter = metered.meter
