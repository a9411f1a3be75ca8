-- What a month comes to by meter and price, fixed amount and correction.
-- grain: tenant, month, position
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month =
--   charges

-- Amounts are sums of the statements' lines, so that price times quantity may differ by
-- their rounding; quantities are rounded once, as in the tie-out. A correction keeps
-- the difference that its lines state.
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
        sum(base_quantity) filter (where kind = 'usage') as base_quantity,
        sum(included_base_quantity) filter (where kind = 'usage')
            as included_base_quantity,
        sum(quantity) as stated_quantity,
        sum(gross_amount) as gross_amount,
        sum(included_amount) as included_amount,
        sum(amount) as amount
    from statement_lines
    group by
        tenant, month, kind, meter, item, rate_from, tier, unit, unit_price,
        corrects_month, cause, currency
),

measured as (
    select
        sums.*,
        coalesce(
            billing_quantity(sums.base_quantity, meters.base_per_unit),
            sums.stated_quantity
        ) as quantity,
        billing_quantity(sums.included_base_quantity, meters.base_per_unit)
            as included_quantity
    from sums
    left join seed_meters as meters -- fixed amounts have no meter
        on sums.meter = meters.meter
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
    cast(quantity as decimal(38, 6)) as quantity,
    cast(included_quantity as decimal(38, 6)) as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    cast(gross_amount as decimal(30, 3)) as gross_amount,
    cast(included_amount as decimal(30, 3)) as included_amount,
    cast(amount as decimal(30, 3)) as amount,
    currency
from measured
