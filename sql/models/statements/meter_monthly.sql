-- What a month comes to by meter and price, fixed amount and correction.
-- grain: tenant, month, position
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month =
--   charges

-- Sums of the statements' lines: price times quantity may differ by their rounding.
with sums as (
    select
        tenant,
        month as billing_month,
        kind,
        meter,
        item,
        rate_from,
        tier,
        unit,
        unit_price,
        corrects_month,
        cause,
        currency,
        count(*) as lines,
        sum(quantity) as quantity,
        sum(included_quantity) as included_quantity,
        sum(billable_quantity) as billable_quantity,
        sum(gross_amount) as gross_amount,
        sum(included_amount) as included_amount,
        sum(amount) as amount
    from statement_lines
    group by
        tenant,
        month,
        kind,
        meter,
        item,
        rate_from,
        tier,
        unit,
        unit_price,
        corrects_month,
        cause,
        currency
)

select
    tenant,
    billing_month as month,
    row_number() over (
        partition by tenant, billing_month
        order by
            kind = 'adjustment',
            kind = 'fixed',
            meter,
            rate_from,
            tier,
            item,
            corrects_month,
            cause
    ) as position,
    kind,
    meter,
    item,
    rate_from,
    tier,
    unit,
    unit_price,
    corrects_month,
    cause,
    lines,
    quantity,
    included_quantity,
    billable_quantity,
    cast(gross_amount as decimal(18, 3)) as gross_amount,
    cast(included_amount as decimal(18, 3)) as included_amount,
    cast(amount as decimal(18, 3)) as amount,
    currency
from sums
