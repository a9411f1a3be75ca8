-- Rate sets, a row for each of their tiers, in ten-thousandths of base units.
-- grain: meter, rate_from, tier
-- conserves: nothing: prices have no sum

select
    rates.meter,
    rates.rate_from,
    rates.valid_to,
    rates.tier,
    count(*) over rate_sets as tier_count,
    cast(rates.tier_from * 10000 as hugeint) * meters.base_per_unit as tier_start_bp,
    -- The last tier has no end.
    lead(cast(rates.tier_from * 10000 as hugeint) * meters.base_per_unit) over (
        partition by rates.meter, rates.rate_from
        order by rates.tier
    ) as tier_end_bp,
    max(cast(rates.included * 10000 as hugeint) * meters.base_per_unit)
        over rate_sets as included_bp, -- it stands with the first tier, and is 0 else
    first_value(rates.policy) over (
        partition by rates.meter, rates.rate_from
        order by rates.tier
    ) as policy,
    meters.unit,
    meters.base_per_unit,
    rates.unit_price,
    cast(rates.unit_price * 1000000 as hugeint) as unit_price_micros,
    rates.currency
from finance_rates as rates
inner join seed_meters as meters -- drops nothing: an unknown meter is refused
    on rates.meter = meters.meter
window rate_sets as (partition by rates.meter, rates.rate_from)
