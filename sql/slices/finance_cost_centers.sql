-- The rules that are in force on a day of a month.

select
    null as tenant,
    months.month,
    rules.*
from known_months as months
inner join finance_cost_centers as rules -- drops rules of other months
    on
        coalesce(rules.valid_from <= last_day(months.month), true)
        and coalesce(rules.valid_to >= months.month, true)
