-- The prices that are in force on a day of a month.

select
    null as tenant,
    months.month,
    rates.* -- noqa: AM04
from known_months as months
inner join int_rates as rates -- drops prices of other months
    on
        last_day(months.month) >= rates.rate_from
        and coalesce(months.month <= rates.valid_to, true)
