-- The rules that are in force on a day of a month.

select
    null as tenant,
    months.month,
    rules.* -- noqa: AM04
from known_months as months
inner join finance_cost_centers as rules -- drops rules of other months
    on
        coalesce(last_day(months.month) >= rules.valid_from, true)
        and coalesce(months.month <= rules.valid_to, true)
