-- Fixed amounts as FOCUS takes them: bought for a month, and used day by day.
-- grain: tenant, line, part, start_date
-- conserves: sum(billed), sum(effective) per tenant, line = sum(amount), sum(amount)
--   of focus_resources where kind = 'fixed' and amount * direction >= 0

-- A credit note takes back what was bought, in quantity and amount, at its price.
with fees as (
    select
        tenant,
        line,
        month as billing_month,
        next_month,
        item,
        amount,
        direction,
        price_suffix,
        cast(abs(amount) * 1000 as hugeint)
        // getvariable('export_thousandths_per_minor') as amount_minor
    from focus_resources
    where kind = 'fixed' and amount * direction >= 0
)

-- A purchase costs nothing when it is made, and its days cost what they are.
select
    tenant,
    line,
    'purchase' as part,
    billing_month as start_date,
    next_month as end_date,
    'Purchase' as category,
    'Recurring' as frequency,
    null as consumed_quantity,
    direction as pricing_quantity,
    'Months' as pricing_unit,
    abs(amount) as unit_price,
    'fixed/' || item as sku_id,
    'Fixed amounts' as sku_meter,
    -- A price of its own: what an item costs differs from one centre to another.
    'fixed/' || item || '/' || tenant || strftime(billing_month, '/%Y-%m/') || line
    || price_suffix as sku_price_id,
    amount as billed,
    0 as effective,
    item as description
from fees
union all
-- The minor units that are left over go to the first days, one each.
select
    tenant,
    line,
    'day' as part,
    billing_month + cast(month_days.days_before as integer) as start_date,
    billing_month + cast(month_days.days_before + 1 as integer) as end_date,
    'Usage' as category,
    'Recurring' as frequency,
    direction as consumed_quantity,
    direction as pricing_quantity,
    'Days' as pricing_unit,
    0 as unit_price, -- paid by the purchase
    'fixed/' || item as sku_id,
    'Fixed amounts' as sku_meter,
    'fixed/' || item || '/day' as sku_price_id,
    0 as billed,
    cast(
        direction * (
            amount_minor // (next_month - billing_month)
            + cast(
                month_days.days_before < amount_minor % (next_month - billing_month)
                as integer
            )
        ) * getvariable('export_thousandths_per_minor') as decimal(38, 0)
    ) * 0.001 as effective,
    item || ', by the day' as description
from fees
cross join unnest(range(next_month - billing_month)) as month_days (days_before)
where amount != 0
