-- The charges of a month as FOCUS takes them: a fee by the day, an allowance apart.
-- grain: tenant, line, part, start_date
-- conserves: sum(billed), sum(effective) per tenant, line = sum(amount), sum(amount)
--   of marts.charges where month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    tenant,
    line,
    part,
    start_date,
    end_date,
    category,
    frequency,
    consumed_quantity,
    pricing_quantity,
    pricing_unit,
    unit_price,
    sku_id,
    sku_meter,
    sku_price_id,
    billed,
    effective,
    description
from focus_usage
union all
-- A credit of FOCUS may be of either sign: a correction may cost as well.
select
    tenant,
    line,
    case kind when 'fixed' then 'credit' else 'correction' end as part,
    -- From 1.3 on, of a correction, when the cost was incurred.
    case
        when kind = 'adjustment' and getvariable('export_focus_version') = '1.4'
            then corrects_month
        else month
    end as start_date,
    cast(date_trunc('month', start_date) + interval 1 month as date) as end_date,
    'Credit' as category,
    case kind when 'fixed' then 'Recurring' else 'One-Time' end as frequency,
    null as consumed_quantity,
    null as pricing_quantity,
    null as pricing_unit,
    null as unit_price,
    null as sku_id,
    null as sku_meter,
    null as sku_price_id,
    amount as billed,
    amount as effective,
    case kind
        when 'fixed' then item
        else
            'Correction of ' || corrects_statement || ', '
            || coalesce(meter_words, item) || ': ' || cause
    end as description
from focus_resources
where
    kind = 'adjustment'
    or (kind = 'fixed' and amount * direction < 0)
union all
select
    tenant,
    line,
    part,
    start_date,
    end_date,
    category,
    frequency,
    consumed_quantity,
    pricing_quantity,
    pricing_unit,
    unit_price,
    sku_id,
    sku_meter,
    sku_price_id,
    billed,
    effective,
    description
from focus_fixed
