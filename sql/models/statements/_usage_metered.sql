-- What was metered of each meter in a month, and of how many runs it is unknown.
-- grain: tenant, billing_month, meter
-- conserves: sum(base_quantity) per tenant, billing_month where meter = 'runs' =
--   sum(runs) of automation_daily by tenant, date_trunc('month', date)

-- Where usage has no row the listed runs count, of which nobody knows the bytes.
with used as (
    select
        tenant,
        cast(date_trunc('month', date) as date) as billing_month,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) + sum(bandwidth_out_bytes) as bandwidth_bytes,
        sum(api_calls) as api_calls,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unknown_call_runs) as unknown_call_runs,
        sum(runs) filter (where duration_seconds is null) as unknown_duration_runs,
        sum(runs) filter (where bandwidth_in_bytes is null) as unknown_bandwidth_runs
    from automation_daily
    group by tenant, date_trunc('month', date)
),

card as (
    select meter
    from finance_rates
    group by meter
)

select
    used.tenant,
    used.billing_month,
    meters.meter,
    meters.unit,
    meters.base_per_unit,
    card.meter is not null as is_on_card,
    case meters.meter
        when 'runs' then used.runs
        when 'third_party_runs' then used.third_party_runs
        when 'duration_hours' then used.duration_seconds
        when 'bandwidth_gb' then used.bandwidth_bytes
        when 'api_calls' then used.api_calls
    end as base_quantity,
    -- A true zero: of no run is it unknown.
    coalesce(
        case meters.meter
            when 'third_party_runs' then used.unknown_billing_runs
            when 'duration_hours' then used.unknown_duration_runs
            when 'bandwidth_gb' then used.unknown_bandwidth_runs
            when 'api_calls' then used.unknown_call_runs
        end,
        0
    ) as unknown_runs
from used
cross join seed_meters as meters
left join card
    on meters.meter = card.meter
