-- A meter on the rate card has a price on every day on which it was used.

with card as (
    select meter
    from int_rates
    where tier = 1
    group by meter
)

select
    used.tenant,
    used.meter,
    min(used.period_start) as unpriced_from,
    sum(used.base_bp) / 10000 as unpriced_quantity
from int_usage_shared as used
inner join card -- a meter that is not on the card is not charged
    on used.meter = card.meter
left join int_rates as rates
    on
        used.meter = rates.meter
        and rates.tier = 1
        and used.period_start >= rates.rate_from
        and (rates.valid_to is null or used.period_start <= rates.valid_to)
where rates.meter is null
group by used.tenant, used.meter
