-- What each cost centre's consumers used of each meter, exact also where it is shared.
-- grain: tenant, period_start, automation_id, owner_id, space_id, cost_center, meter
-- conserves: sum(base_bp) per tenant, billing_month where meter = 'runs' =
--   sum(runs * 10000) of int_usage_by_period
-- conserves: sum(base_bp) per tenant, billing_month where meter = 'third_party_runs' =
--   sum(third_party_runs * 10000) of int_usage_by_period
-- conserves: sum(base_bp) per tenant, billing_month where meter = 'duration_hours' =
--   sum(duration_seconds * 10000) of int_usage_by_period
-- conserves: sum(base_bp) per tenant, billing_month where meter = 'bandwidth_gb' =
--   sum(bandwidth_bytes * 10000) of int_usage_by_period
-- conserves: sum(base_bp) per tenant, billing_month where meter = 'api_calls' =
--   sum(api_calls * 10000) of int_usage_by_period

-- One row a meter; nothing used and nothing known are no row.
with metered as (
    select
        periods.tenant,
        periods.billing_month,
        periods.period_start,
        periods.automation_id,
        periods.owner_id,
        periods.space_id,
        seed_meters.meter,
        case seed_meters.meter
            when 'runs' then periods.runs
            when 'third_party_runs' then periods.third_party_runs
            when 'duration_hours' then periods.duration_seconds
            when 'bandwidth_gb' then periods.bandwidth_bytes
            when 'api_calls' then periods.api_calls
        end as base_quantity
    from int_usage_by_period as periods
    cross join seed_meters
)

-- In ten-thousandths of a run, second, byte or call (basis points of one): a share
-- of 60 % has whole numbers there, so that the shares of a whole lose nothing.
select
    metered.tenant,
    metered.billing_month,
    metered.period_start,
    metered.automation_id,
    metered.owner_id,
    metered.space_id,
    chosen.cost_center,
    metered.meter,
    cast(metered.base_quantity as hugeint) * chosen.share_basis_points as base_bp
from metered
inner join int_cost_centers_assigned as chosen -- drops nothing: shares of 10000 in all
    on
        metered.tenant = chosen.tenant
        and metered.period_start = chosen.period_start
        and metered.automation_id = chosen.automation_id
        and metered.owner_id = chosen.owner_id
        and metered.space_id = chosen.space_id
where metered.base_quantity > 0
