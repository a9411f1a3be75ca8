-- Rate sets, a row for each of their tiers, in ten-thousandths of base units.
-- grain: licence, meter, rate_from, tier
-- conserves: sum(unit_price) per licence, meter, rate_from = finance_rates

with tiers as (
    select
        rates.licence,
        rates.tenants,
        rates.meter,
        rates.rate_from,
        rates.valid_to,
        rates.tier,
        rates.unit_price,
        rates.policy,
        rates.currency,
        meters.unit,
        meters.base_per_unit,
        to_e4(rates.tier_from) * meters.base_per_unit as tier_start_e4,
        -- finance_rates has it on the first tier, and 0 on the others.
        max(to_e4(rates.included) * meters.base_per_unit) over (
            partition by rates.licence, rates.meter, rates.rate_from
        ) as included_e4
    from finance_rates as rates
    inner join seed_meters as meters -- drops nothing: an unknown meter is refused
        on rates.meter = meters.meter
)

-- Without tenants it is of all that no other set of the meter and the day is of.
select
    licence,
    tenants,
    meter,
    rate_from,
    valid_to,
    tier,
    count(*) over rate_sets as tier_count,
    tier_start_e4,
    -- The last tier has no end.
    lead(tier_start_e4) over (rate_sets order by tier) as tier_end_e4,
    included_e4,
    -- Null without an allowance.
    case
        when included_e4 > 0 then first_value(policy) over (rate_sets order by tier)
    end as policy,
    unit,
    base_per_unit,
    unit_price,
    to_e6(unit_price) as unit_price_micros,
    currency
from tiers
window rate_sets as (partition by licence, meter, rate_from)
