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
        unit_price, driver, corrects_month, corrects_statement, cause, currency
),

-- Of the sums, not a sum of rounded quantities. A correction has no base quantity of
-- its own price, and keeps the difference that it states.
measured as (
    select
        sums.*,
        coalesce(
            sums.stated_quantity,
            billing_quantity(sums.base_quantity, meters.base_per_unit)
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
    cost_center,
    row_number() over (
        partition by tenant, billing_month, cost_center
        order by
            kind = 'adjustment', kind = 'fixed', meter, rate_from, tier, item, driver,
            corrects_month, cause
    ) as position,
    kind,
    meter,
    item,
    rate_from,
    tier,
    base_quantity,
    included_base_quantity,
    cast(quantity as decimal(38, 6)) as quantity,
    cast(included_quantity as decimal(38, 6)) as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    unit,
    unit_price,
    to_amount(gross_amount) as gross_amount,
    to_amount(included_amount) as included_amount,
    to_amount(amount) as amount,
    currency,
    driver,
    cast(share_ratio as decimal(9, 6)) as share_ratio,
    corrects_month,
    corrects_statement,
    cause,
    charges,
    -- What a reader may ask the warehouse to see what a line is made of.
    trace_of(
        tenant, billing_month, cost_center, kind, meter, tier, rate_from, item,
        corrects_month, cause
    ) as trace_query
from measured
