-- What was used and what is included of it, as FOCUS takes them, by the days known.
-- grain: tenant, line, part, start_date
-- conserves: sum(billed), sum(effective) per tenant, line = sum(amount), sum(amount)
--   of focus_resources where kind = 'usage'

-- What was used, at its price, also what is included. Shares of a rounded line are
-- billed, so that price times quantity may differ by their rounding: it is ListCost.
select
    charges.tenant,
    charges.line,
    'usage' as part,
    parts.start_date,
    parts.end_date,
    'Usage' as category,
    'Usage-Based' as frequency,
    parts.quantity as consumed_quantity,
    parts.quantity as pricing_quantity,
    -- A word begins with a capital; a symbol, as of GB and k, stays as it is.
    case
        when charges.unit ~ '[a-z]{2}.*' then upper(left(charges.unit, 1))
        else left(charges.unit, 1)
    end
    || substr(charges.unit, 2) as pricing_unit,
    charges.unit_price,
    charges.meter as sku_id,
    charges.meter_words as sku_meter,
    charges.meter || '/' || charges.rate_from || '/' || charges.tier
    || case
        -- Prices of licences may begin on the same day.
        when
            min(charges.unit_price) over of_price
            != max(charges.unit_price) over of_price
            then '/' || charges.unit_price
        else ''
    end
    || charges.price_suffix as sku_price_id,
    parts.gross_amount as billed,
    parts.gross_amount as effective,
    charges.meter_words as description
from focus_resources as charges
inner join focus_days as parts -- drops what is not usage: it has no days
    on
        charges.tenant = parts.tenant
        and charges.line = parts.line
window of_price as (partition by charges.meter, charges.rate_from, charges.tier)
union all
-- What is included of it, by the same parts.
select
    charges.tenant,
    charges.line,
    'included' as part,
    parts.start_date,
    parts.end_date,
    'Credit' as category,
    'Usage-Based' as frequency,
    null as consumed_quantity,
    null as pricing_quantity,
    null as pricing_unit,
    null as unit_price,
    null as sku_id,
    null as sku_meter,
    null as sku_price_id,
    -parts.included_amount as billed,
    -parts.included_amount as effective,
    'Included: ' || charges.meter_words as description
from focus_resources as charges
inner join focus_days as parts -- drops what is not usage: it has no days
    on
        charges.tenant = parts.tenant
        and charges.line = parts.line
where parts.included_amount != 0
