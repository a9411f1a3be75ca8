-- The prices that are in force on a day of a month.

select
    null as tenant,
    months.month,
    rates.*
from known_months as months
inner join int_rates as rates -- drops prices of other months
    on
        rates.rate_from <= last_day(months.month)
        and coalesce(rates.valid_to >= months.month, true)
