-- Fixed amounts divided among cost centres, in whole minor units.
-- grain: line, billing_month, tenant, cost_center
-- conserves: sum(amount_minor) per line, billing_month =
--   sum(cast(amount * 1000000 as hugeint) // getvariable('micros_per_minor'))
--   of _fixed_due

-- A credit is divided like a debit, and its sign is put back at the end.
with divisions as (
    select
        line,
        billing_month,
        tenant,
        cost_center,
        item,
        driver,
        case when amount < 0 then -1 else 1 end as sign,
        cast(abs(amount) * 1000000 as hugeint)
        // getvariable('micros_per_minor') as whole_minor,
        weight,
        cast(sum(weight) over weighed as hugeint) as weights
    from _fixed_weights
    window weighed as (partition by line, billing_month)
),

parts as (
    select
        *,
        whole_minor * weight // weights as whole_part,
        whole_minor * weight % weights as fraction
    from divisions
),

-- What is left over goes one by one to the largest remainders.
ranked as (
    select
        *,
        whole_minor - sum(whole_part) over (
            partition by line, billing_month
        ) as left_over,
        row_number() over (
            partition by line, billing_month
            order by fraction desc, cost_center asc, tenant asc
        ) as place
    from parts
)

select
    line,
    billing_month,
    tenant,
    cost_center,
    item,
    driver,
    -- For reading: the amounts are what was divided.
    cast((2 * weight * 1000000 + weights) // (2 * weights) as decimal(18, 0))
    * 0.000001 as share_ratio,
    cast(
        sign * case when place <= left_over then whole_part + 1 else whole_part end
        as hugeint
    ) as amount_minor
from ranked
