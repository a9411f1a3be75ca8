-- What every month is charged by today's usage, prices and rules, closed or not.
-- grain: tenant, billing_month, line
-- conserves: sum(amount * 1000), sum(included_amount * 1000) per tenant, billing_month,
--   cost_center where kind = 'usage' = sum(net_minor * (getvariable('micros_per_minor')
--   // 1000)), sum(included_minor * (getvariable('micros_per_minor') // 1000))
--   of _lines_rounded
-- conserves: sum(amount * 1000) per tenant, billing_month, cost_center where kind =
--   'fixed' = sum(amount_minor * (getvariable('micros_per_minor') // 1000))
--   of int_fixed_divided

with charged as (
    select
        tenant,
        billing_month,
        'usage' as kind,
        cost_center,
        owner_id,
        space_id,
        automation_id,
        meter,
        null as item,
        tier,
        rate_from,
        included_bp,
        billable_bp,
        unit,
        base_per_unit,
        unit_price,
        included_minor,
        net_minor,
        currency,
        null as driver,
        null as share_ratio,
        statement_line
    from _usage_charged
    union all
    select
        tenant,
        billing_month,
        'fixed' as kind,
        cost_center,
        null as owner_id,
        null as space_id,
        null as automation_id,
        null as meter,
        item,
        null as tier,
        null as rate_from,
        null as included_bp,
        null as billable_bp,
        null as unit,
        null as base_per_unit,
        null as unit_price,
        0 as included_minor,
        amount_minor as net_minor,
        getvariable('currency') as currency,
        driver,
        share_ratio,
        null as statement_line
    from int_fixed_divided
),

-- Thousandths of the currency are what DECIMAL(18,3) keeps; a minor unit is one of
-- them, or more. Quantities are rounded half up to millionths of a billing unit.
scaled as (
    select
        *,
        getvariable('micros_per_minor') // 1000 as thousandths_per_minor,
        (200 * (included_bp + billable_bp) + base_per_unit)
        // (2 * base_per_unit) as quantity_millionths,
        case
            when included_bp = 0 then 0
            else (200 * included_bp + base_per_unit) // (2 * base_per_unit)
        end as included_millionths
    from charged
)

select
    tenant,
    billing_month,
    row_number() over (
        partition by tenant, billing_month
        order by
            cost_center,
            kind = 'fixed',
            statement_line, -- by meter, price and tier
            owner_id,
            space_id,
            automation_id,
            item,
            driver
    ) as line,
    kind,
    cost_center,
    owner_id,
    space_id,
    automation_id,
    meter,
    item,
    tier,
    rate_from,
    cast(
        cast(included_bp + billable_bp as decimal(34, 0)) * 0.0001 as decimal(38, 4)
    ) as base_quantity,
    cast(
        cast(included_bp as decimal(34, 0)) * 0.0001 as decimal(38, 4)
    ) as included_base_quantity,
    cast(cast(quantity_millionths as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as quantity,
    cast(cast(included_millionths as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as included_quantity,
    -- Less what is included, so that the three add up as they are printed.
    cast(
        cast(quantity_millionths - included_millionths as decimal(32, 0)) * 0.000001
        as decimal(38, 6)
    ) as billable_quantity,
    unit,
    unit_price,
    cast(
        cast((net_minor + included_minor) * thousandths_per_minor as decimal(18, 0))
        * 0.001 as decimal(18, 3)
    ) as gross_amount,
    cast(
        cast(included_minor * thousandths_per_minor as decimal(18, 0)) * 0.001
        as decimal(18, 3)
    ) as included_amount,
    cast(
        cast(net_minor * thousandths_per_minor as decimal(18, 0)) * 0.001
        as decimal(18, 3)
    ) as amount,
    currency,
    driver,
    cast(share_ratio as decimal(9, 6)) as share_ratio
from scaled
