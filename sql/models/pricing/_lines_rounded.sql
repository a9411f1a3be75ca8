-- The usage lines of each statement, rounded half up once a line, in minor units.
-- grain: tenant, billing_month, cost_center, meter, rate_from, tier
-- conserves: sum(included_bp), sum(billable_bp) per the grain = _usage_tiered

with sums as (
    select
        tenant,
        billing_month,
        cost_center,
        meter,
        rate_from,
        tier,
        cast(sum(included_bp) as hugeint) as included_bp,
        cast(sum(billable_bp) as hugeint) as billable_bp
    from _usage_tiered
    group by tenant, billing_month, cost_center, meter, rate_from, tier
),

-- A price is in millionths of the currency, a quantity in ten-thousandths of base
-- units: so many of their products make one minor unit.
priced as (
    select
        sums.tenant,
        sums.billing_month,
        sums.cost_center,
        sums.meter,
        sums.rate_from,
        sums.tier,
        sums.included_bp,
        sums.billable_bp,
        rates.unit,
        rates.base_per_unit,
        rates.unit_price,
        rates.unit_price_micros,
        rates.currency,
        cast(getvariable('micros_per_minor') as hugeint)
        * rates.base_per_unit
        * 10000 as products_per_minor
    from sums
    inner join int_rates as rates -- drops nothing: tiers are of these sets
        on
            sums.meter = rates.meter
            and sums.rate_from = rates.rate_from
            and sums.tier = rates.tier
)

-- What is included is what rounding leaves of the whole: gross - included = net.
select
    row_number() over (
        order by tenant, billing_month, cost_center, meter, rate_from, tier
    ) as statement_line, -- a short name of it
    tenant,
    billing_month,
    cost_center,
    meter,
    rate_from,
    tier,
    unit,
    base_per_unit,
    unit_price,
    currency,
    included_bp,
    billable_bp,
    (2 * unit_price_micros * billable_bp + products_per_minor)
    // (2 * products_per_minor) as net_minor,
    (2 * unit_price_micros * (included_bp + billable_bp) + products_per_minor)
    // (2 * products_per_minor)
    - (2 * unit_price_micros * billable_bp + products_per_minor)
    // (2 * products_per_minor) as included_minor
from priced
