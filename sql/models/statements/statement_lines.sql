-- The lines of a statement as finance prints them: usage, fixed amounts, corrections.
-- grain: tenant, month, cost_center, position
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month,
--   cost_center = charges
-- conserves: sum(display_amount) per tenant, month, cost_center = statement

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
    sums.* exclude (billing_month, stated_quantity) -- noqa: AM04, RF02
    replace (
        to_amount(sums.gross_amount) as gross_amount,
        to_amount(sums.included_amount) as included_amount,
        to_amount(sums.amount) as amount,
        cast(sums.share_ratio as decimal(9, 6)) as share_ratio
    ),
    sums.billing_month as month,
    row_number() over in_order as position,
    coalesce(
        cast(sums.stated_quantity as decimal(38, 6)),
        billing_quantity(sums.base_quantity, meters.base_per_unit)
    ) as quantity,
    billing_quantity(sums.included_base_quantity, meters.base_per_unit)
        as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    converted_line(
        list(sums.amount) over (
            in_order rows between unbounded preceding and unbounded following
        ),
        row_number() over in_order,
        statements.display_amount,
        statements.exchange_rate,
        currencies.minor_digits
    ) as display_amount,
    statements.display_currency,
    -- What a reader may ask the warehouse to see what a line is made of.
    trace_of(
        sums.tenant, sums.billing_month, sums.cost_center, sums.kind, sums.meter,
        sums.tier, sums.rate_from, sums.item, sums.corrects_month, sums.cause
    ) as trace_query
from sums
left join seed_meters as meters -- fixed amounts have no meter
    on sums.meter = meters.meter
left join statement as statements -- has a row for each line
    on
        sums.tenant = statements.tenant
        and sums.billing_month = statements.month
        and sums.cost_center = statements.cost_center
left join seed_currencies as currencies
    on statements.display_currency = currencies.currency
window in_order as (
    partition by sums.tenant, sums.billing_month, sums.cost_center
    order by
        sums.kind = 'adjustment', sums.kind = 'fixed', sums.meter, sums.rate_from,
        sums.tier, sums.item, sums.driver, sums.corrects_month, sums.cause,
        sums.cause_detail
)
