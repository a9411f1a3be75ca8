-- Fixed amounts divided among cost centres, in whole minor units.
-- grain: line, billing_month, tenant, cost_center
-- conserves: nothing: assert_fixed_amounts_are_charged_once compares the sums with what
--   is due

-- A credit is divided like a debit, and its sign is put back at the end.
with divisions as (
    select
        *,
        to_e6(abs(amount)) // getvariable('micros_per_minor') as whole_minor,
        cast(sum(weight) over centers as hugeint) as weights,
        whole_part(whole_minor, weight, weights) as part,
        fraction_part(whole_minor, weight, weights) as fraction
    from _fixed_weights
    window centers as (partition by line, billing_month)
)

select
    line,
    billing_month,
    tenant,
    cost_center,
    item,
    driver,
    -- For reading: the amounts are what was divided.
    cast(from_e6(half_up(weight * 1000000, weights)) as decimal(18, 6)) as share_ratio,
    sign(amount) * largest_remainder(
        part,
        whole_minor - sum(part) over centers,
        row_number() over (centers order by fraction desc, cost_center asc, tenant asc)
    ) as amount_minor
from divisions
window centers as (partition by line, billing_month)
