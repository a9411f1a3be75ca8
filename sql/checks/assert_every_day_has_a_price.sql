-- A meter on the rate card has a price on every day on which it was used.
-- grain: tenant, billing_month, meter
-- by: month of billing_month, of all tenants

with card as (
    select meter
    from int_rates
    where tier = 1
    group by meter
)

select
    used.tenant,
    used.billing_month,
    used.meter,
    min(used.period_start) as unpriced_from,
    from_e4(sum(used.base_e4)) as unpriced_quantity
from int_usage_shared as used
inner join card -- a meter that is not on the card is not charged
    on used.meter = card.meter
where used.rate_from is null
group by used.tenant, used.billing_month, used.meter
