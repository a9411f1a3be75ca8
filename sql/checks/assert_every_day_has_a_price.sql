-- A meter on the rate card has a price on every day on which it was used.

select
    tenant,
    meter,
    min(period_start) as unpriced_from,
    sum(base_quantity) as unpriced_quantity
from int_usage_priced
where unit_price is null
group by tenant, meter
