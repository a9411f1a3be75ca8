-- The lines of a statement as finance prints them: usage, fixed amounts, corrections.
-- grain: tenant, month, cost_center, position
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month,
--   cost_center = charges

-- A line of a meter is of one price and tier: it was rounded once, as a whole.
with sums as (
    select
        tenant,
        month as billing_month,
        cost_center,
        kind,
        meter,
        item,
        rate_from,
        tier,
        unit,
        unit_price,
        driver,
        corrects_month,
        corrects_statement,
        cause,
        cause_detail,
        currency,
        sum(base_quantity) as base_quantity,
        sum(included_base_quantity) as included_base_quantity,
        sum(quantity) filter (where kind != 'usage') as stated_quantity,
        sum(share_ratio) as share_ratio,
        sum(gross_amount) as gross_amount,
        sum(included_amount) as included_amount,
        sum(amount) as amount,
        count(*) as charges
    from charges
    group by
        tenant, month, cost_center, kind, meter, item, rate_from, tier, unit,
        unit_price, driver, corrects_month, corrects_statement, cause, cause_detail,
        currency
)

-- Quantities are of the sums, not sums of rounded ones. A correction has no base
-- quantity of its own price, and keeps the difference that it states.
select
    sums.tenant,
    sums.billing_month as month,
    sums.cost_center,
    row_number() over (
        partition by sums.tenant, sums.billing_month, sums.cost_center
        order by
            sums.kind = 'adjustment', sums.kind = 'fixed', sums.meter, sums.rate_from,
            sums.tier, sums.item, sums.driver, sums.corrects_month, sums.cause,
            sums.cause_detail
    ) as position,
    sums.kind,
    sums.meter,
    sums.item,
    sums.rate_from,
    sums.tier,
    sums.base_quantity,
    sums.included_base_quantity,
    coalesce(
        cast(sums.stated_quantity as decimal(38, 6)),
        billing_quantity(sums.base_quantity, meters.base_per_unit)
    ) as quantity,
    billing_quantity(sums.included_base_quantity, meters.base_per_unit)
        as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    sums.unit,
    sums.unit_price,
    to_amount(sums.gross_amount) as gross_amount,
    to_amount(sums.included_amount) as included_amount,
    to_amount(sums.amount) as amount,
    sums.currency,
    sums.driver,
    cast(sums.share_ratio as decimal(9, 6)) as share_ratio,
    sums.corrects_month,
    sums.corrects_statement,
    sums.cause,
    sums.cause_detail,
    sums.charges,
    -- What a reader may ask the warehouse to see what a line is made of.
    trace_of(
        sums.tenant, sums.billing_month, sums.cost_center, sums.kind, sums.meter,
        sums.tier, sums.rate_from, sums.item, sums.corrects_month, sums.cause
    ) as trace_query
from sums
left join seed_meters as meters -- fixed amounts have no meter
    on sums.meter = meters.meter
