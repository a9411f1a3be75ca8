-- The meters that are on the rate card, whatever their prices.

select
    null as tenant,
    months.month,
    rates.meter
from known_months as months
cross join finance_rates as rates
group by months.month, rates.meter
