-- The usage lines of each statement, rounded half up once a line, in minor units.
-- grain: tenant, billing_month, cost_center, meter, rate_from, tier
-- by: month of billing_month, of all tenants
-- conserves: sum(included_e4), sum(billable_e4) per the grain = _usage_tiered

with sums as (
    select
        tenant,
        billing_month,
        cost_center,
        meter,
        licence,
        rate_from,
        tier,
        cast(sum(included_e4) as hugeint) as included_e4,
        cast(sum(billable_e4) as hugeint) as billable_e4
    from _usage_tiered
    group by tenant, billing_month, cost_center, meter, licence, rate_from, tier
),

-- Prices are in micros, quantities in ten-thousandths of base units: so many of their
-- products make one minor unit.
priced as (
    select
        sums.*,
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
            and sums.licence is not distinct from rates.licence
            and sums.rate_from = rates.rate_from
            and sums.tier = rates.tier
)

-- What is included is what rounding leaves of the whole: gross - included = net.
select
    row_number() over (
        partition by billing_month
        order by tenant, cost_center, meter, rate_from, tier
    ) as statement_line, -- a short name of it in its month
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
    included_e4,
    billable_e4,
    half_up(unit_price_micros * billable_e4, products_per_minor) as net_minor,
    half_up(unit_price_micros * (included_e4 + billable_e4), products_per_minor)
    - half_up(unit_price_micros * billable_e4, products_per_minor) as included_minor
from priced
