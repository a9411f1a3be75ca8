-- The parts of an allowance that are in force in a month.

select
    null as tenant,
    months.month,
    parts.* -- noqa: AM04
from known_months as months
inner join finance_entitlements as parts -- drops parts of other months
    on in_force(months.month, parts.valid_from, parts.valid_to)
