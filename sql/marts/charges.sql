-- What is charged for a month, to whom, for what and at which price: a line each.
-- grain: tenant, month, line
-- conserves: sum(base_quantity) per month, meter = int_usage_priced

with sums as (
    select
        tenant,
        billing_month,
        cost_center,
        owner_id,
        space_id,
        automation_id,
        meter,
        unit_price,
        currency,
        cast(sum(base_quantity) as hugeint) as base_quantity
    from int_usage_priced
    where unit_price is not null -- a check stops what has none
    group by
        tenant,
        billing_month,
        cost_center,
        owner_id,
        space_id,
        automation_id,
        meter,
        unit_price,
        currency
),

-- Rounded half up once a line, in integers all the way: millionths of a currency
-- unit times base units, over the base units of a billing unit. Thousandths of the
-- currency are what DECIMAL(18,3) keeps; the minor unit may be larger than one.
rounded as (
    select
        sums.tenant,
        sums.billing_month,
        sums.cost_center,
        sums.owner_id,
        sums.space_id,
        sums.automation_id,
        sums.meter,
        meters.unit,
        sums.unit_price,
        sums.currency,
        sums.base_quantity,
        (2 * sums.base_quantity * 1000000 + meters.base_per_unit)
        // (2 * meters.base_per_unit) as millionths,
        (
            2
            * cast(sums.unit_price * 1000000 as hugeint)
            * sums.base_quantity
            + getvariable('micros_per_minor') * meters.base_per_unit
        )
        // (2 * getvariable('micros_per_minor') * meters.base_per_unit)
        * (getvariable('micros_per_minor') // 1000) as thousandths
    from sums
    inner join seed_meters as meters -- drops nothing: it has a row for each meter
        on sums.meter = meters.meter
)

select
    tenant,
    billing_month as month,
    row_number() over (
        partition by tenant, billing_month
        order by
            cost_center,
            owner_id,
            space_id,
            automation_id,
            meter,
            unit_price
    ) as line,
    cost_center,
    owner_id,
    space_id,
    automation_id,
    meter,
    unit,
    'usage' as kind,
    base_quantity,
    cast(cast(millionths as decimal(32, 0)) * 0.000001 as decimal(38, 6)) as quantity,
    unit_price,
    cast(cast(thousandths as decimal(18, 0)) * 0.001 as decimal(18, 3)) as amount,
    currency
from rounded
