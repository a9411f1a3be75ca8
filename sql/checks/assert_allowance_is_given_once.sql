-- What is included in a month is given out whole, or as far as anything was used.
-- grain: billing_month, meter, licence, rate_from
-- by: month of billing_month, of all tenants

with given as (
    select
        used.billing_month,
        used.meter,
        used.licence,
        used.rate_from,
        sum(used.base_e4) as base_e4,
        sum(used.included_e4) as included_e4,
        max(rates.included_e4) as allowance_e4
    from int_usage_included as used
    inner join int_rates as rates -- drops nothing: the set that prices the usage
        on
            used.meter = rates.meter
            and used.licence is not distinct from rates.licence
            and used.rate_from = rates.rate_from
            and rates.tier = 1
    group by used.billing_month, used.meter, used.licence, used.rate_from
)

select
    billing_month,
    meter,
    licence,
    rate_from,
    base_e4,
    included_e4,
    allowance_e4
from given
where included_e4 != least(allowance_e4, base_e4)
