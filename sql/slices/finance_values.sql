-- The values that are in force on a day of a month.

select
    null as tenant,
    months.month,
    lines.* -- noqa: AM04
from known_months as months
inner join finance_values as lines -- drops values of other months
    on
        last_day(months.month) >= lines.valid_from
        and coalesce(months.month <= lines.valid_to, true)
