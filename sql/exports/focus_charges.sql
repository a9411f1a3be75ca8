-- The charges of a month as FOCUS takes them: a fee by the day, an allowance apart.
-- grain: tenant, line, part, start_date
-- conserves: sum(billed), sum(effective) per tenant, line = sum(amount), sum(amount)
--   of marts.charges where month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

-- What was used, at its price, also what is included. Shares of a rounded line are
-- billed, so that price times quantity may differ by their rounding: it is ListCost.
select
    tenant,
    line,
    'usage' as part,
    month as start_date,
    next_month as end_date,
    'Usage' as category,
    'Usage-Based' as frequency,
    quantity as consumed_quantity,
    quantity as pricing_quantity,
    -- A word begins with a capital; a symbol, as of GB and k, stays as it is.
    case when unit ~ '[a-z]{2}.*' then upper(left(unit, 1)) else left(unit, 1) end
    || substr(unit, 2) as pricing_unit,
    unit_price,
    meter as sku_id,
    meter_words as sku_meter,
    meter || '/' || rate_from || '/' || tier || price_suffix as sku_price_id,
    gross_amount as billed,
    gross_amount as effective,
    meter_words as description
from focus_resources
where kind = 'usage'
union all
-- A credit of FOCUS may be of either sign: a correction may cost as well.
select
    tenant,
    line,
    case kind
        when 'usage' then 'included'
        when 'fixed' then 'credit'
        else 'correction'
    end as part,
    month as start_date,
    next_month as end_date,
    'Credit' as category,
    case kind
        when 'usage' then 'Usage-Based'
        when 'fixed' then 'Recurring'
        else 'One-Time'
    end as frequency,
    null as consumed_quantity,
    null as pricing_quantity,
    null as pricing_unit,
    null as unit_price,
    null as sku_id,
    null as sku_meter,
    null as sku_price_id,
    case when kind = 'usage' then -included_amount else amount end as billed,
    case when kind = 'usage' then -included_amount else amount end as effective,
    case kind
        when 'usage' then 'Included: ' || meter_words
        when 'fixed' then item
        else
            'Correction of ' || corrects_statement || ', '
            || coalesce(meter_words, item) || ': ' || cause
    end as description
from focus_resources
where
    kind = 'adjustment'
    or (kind = 'fixed' and amount * direction < 0)
    or (kind = 'usage' and included_amount != 0)
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
