-- A month's usage of the meters on the rate card, by the rate set of its days.
-- grain: tenant, billing_month, meter, rate_from, automation_id, owner_id, space_id,
--   cost_center
-- conserves: sum(base_bp) per tenant, billing_month, meter = int_usage_shared
--   where exists (select 1 from int_rates where int_rates.meter =
--   int_usage_shared.meter and period_start >= rate_from and (valid_to is null
--   or period_start <= valid_to))

-- Days without a price are not here: a check finds them, and stops.
select
    used.tenant,
    used.billing_month,
    used.meter,
    rates.rate_from,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.cost_center,
    rates.tier_count,
    sum(used.base_bp) as base_bp
from int_usage_shared as used
inner join int_rates as rates
    on
        used.meter = rates.meter
        and rates.tier = 1
        and used.period_start >= rates.rate_from
        and (rates.valid_to is null or used.period_start <= rates.valid_to)
group by
    used.tenant,
    used.billing_month,
    used.meter,
    rates.rate_from,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.cost_center,
    rates.tier_count
