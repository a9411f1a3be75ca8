-- What each meter of the rate card comes to in a month, at each of its prices.
-- grain: tenant, month, meter, unit_price
-- conserves: sum(amount) per tenant, month = charges

-- Sums of the printed lines: price times quantity may differ by their rounding.
select
    tenant,
    month,
    meter,
    unit_price,
    unit,
    currency,
    count(*) as lines,
    cast(sum(base_quantity) as hugeint) as base_quantity,
    sum(quantity) as quantity,
    cast(sum(amount) as decimal(18, 3)) as amount
from charges
group by tenant, month, meter, unit_price, unit, currency
