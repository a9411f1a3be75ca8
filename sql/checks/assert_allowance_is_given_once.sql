-- What is included in a month is given out whole, or as far as anything was used.

with given as (
    select
        used.billing_month,
        used.meter,
        used.rate_from,
        sum(used.base_bp) as base_bp,
        sum(used.included_bp) as included_bp,
        max(rates.included_bp) as allowance_bp
    from int_usage_included as used
    inner join int_rates as rates -- drops nothing: the set that prices the usage
        on
            used.meter = rates.meter
            and used.rate_from = rates.rate_from
            and rates.tier = 1
    group by used.billing_month, used.meter, used.rate_from
)

select
    billing_month,
    meter,
    rate_from,
    base_bp,
    included_bp,
    allowance_bp
from given
where included_bp != least(allowance_bp, base_bp)
