-- What each automation used of each meter on a day, by the owner and space it ran for.
-- grain: tenant, usage_date, automation_id, owner_id, space_id, meter
-- conserves: sum(base_quantity) per tenant, usage_date where meter = 'runs' =
--   sum(runs) of automation_daily by tenant, date

-- In base units: 0 where nothing was used, null where nothing is known.
select
    daily.tenant,
    daily.date as usage_date,
    daily.automation_id,
    daily.owner_id,
    daily.space_id,
    meters.meter,
    cast(
        case meters.meter
            when 'runs' then daily.runs
            when 'third_party_runs' then daily.third_party_runs
            when 'duration_hours' then daily.duration_seconds
            when 'bandwidth_gb'
                then
                    cast(daily.bandwidth_in_bytes as hugeint)
                    + daily.bandwidth_out_bytes
            when 'api_calls' then daily.api_calls
        end as hugeint
    ) as base_quantity
from automation_daily as daily
cross join seed_meters as meters
