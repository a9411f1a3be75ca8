-- The lines of a statement as finance prints them: usage, fixed amounts, corrections.
-- grain: tenant, month, cost_center, position
-- by: month of month, of all tenants
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month,
--   cost_center = charges
-- conserves: sum(display_amount) per tenant, month, cost_center = statement

-- A line of a meter is of one price and tier: it was rounded once, as a whole.
with sums as (
    select
        tenant,
        month,
        cost_center,
        kind,
        meter,
        item,
        rate_from,
        tier,
        unit,
        unit_price,
        driver,
        is_of_no_tenant,
        corrects_month,
        corrects_statement,
        cause,
        cause_detail,
        currency,
        sum(base_quantity) as base_quantity,
        sum(included_base_quantity) as included_base_quantity,
        sum(quantity) filter (where kind != 'usage') as stated_quantity,
        cast(sum(share_ratio) as decimal(9, 6)) as share_ratio,
        to_amount(sum(gross_amount)) as gross_amount,
        to_amount(sum(included_amount)) as included_amount,
        to_amount(sum(amount)) as amount,
        count(*) as charges
    from charges
    group by
        tenant, month, cost_center, kind, meter, item, rate_from, tier, unit,
        unit_price, driver, corrects_month, corrects_statement, cause, cause_detail,
        currency, is_of_no_tenant
),

-- Beside it what it comes to in a second currency, before what is missing is divided.
placed as (
    select
        sums.*,
        row_number() over (
            partition by sums.tenant, sums.month, sums.cost_center
            order by
                sums.kind = 'adjustment', sums.kind = 'fixed', sums.meter,
                sums.rate_from, sums.tier, sums.item, sums.driver, sums.corrects_month,
                sums.cause, sums.cause_detail
        ) as position,
        meters.base_per_unit,
        statements.display_currency,
        statements.display_amount as whole,
        coalesce(currencies.minor_digits, 2) as digits, -- of one that is gone since
        units_cut(sums.amount, statements.exchange_rate, digits) as cut,
        units_left(sums.amount, statements.exchange_rate, digits) as rest
    from sums
    left join seed_meters as meters on sums.meter = meters.meter -- or a fixed amount
    left join statement as statements -- has a row for each line
        on
            sums.tenant = statements.tenant
            and sums.month = statements.month
            and sums.cost_center = statements.cost_center
    left join seed_currencies as currencies
        on statements.display_currency = currencies.currency
)

-- Quantities are of the sums, not sums of rounded ones. A correction has no base
-- quantity of its own price, and keeps the difference that it states.
select
    * exclude (stated_quantity, base_per_unit, whole, digits, cut, rest), -- noqa: AM04
    coalesce(
        cast(stated_quantity as decimal(38, 6)),
        billing_quantity(base_quantity, base_per_unit)
    ) as quantity,
    billing_quantity(included_base_quantity, base_per_unit) as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    converted_line(
        cut,
        to_units(whole, digits) - sum(cut) over in_statement,
        row_number() over (in_statement order by rest desc, position asc),
        row_number() over (in_statement order by rest asc, position asc),
        digits
    ) as display_amount,
    -- What a reader may ask the warehouse to see what a line is made of.
    trace_of(
        tenant, month, cost_center, kind, meter, tier, rate_from, item, corrects_month,
        cause
    ) as trace_query
from placed
window in_statement as (partition by tenant, month, cost_center)
