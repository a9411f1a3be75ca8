-- The charges of a month as FOCUS takes them: a fee by the day, an allowance apart.
-- grain: tenant, line, part, start_date
-- conserves: sum(billed), sum(effective) per tenant, line = sum(amount), sum(amount)
--   of marts.charges where month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

with chosen as (
    select
        charges.*,
        cast(charges.month + interval 1 month as date) as next_month,
        upper(left(charges.meter, 1))
        || replace(substr(charges.meter, 2), '_', ' ') as meter_words,
        cast(charges.amount * 1000 as bigint)
        // getvariable('export_thousandths_per_minor') as amount_minor
    from marts.charges
    where
        charges.month = getvariable('export_month')
        and charges.cost_center = coalesce(
            getvariable('export_cost_center'), charges.cost_center
        )
),

-- What was used, at its price, also what is included. Shares of a rounded line are
-- billed, so that price times quantity may differ by their rounding: it is ListCost.
metered as (
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
        case when unit = 'GB' then unit else upper(left(unit, 1)) || substr(unit, 2) end
            as pricing_unit,
        unit_price,
        meter as sku_id,
        meter_words as sku_meter,
        meter || '/' || rate_from || '/' || tier as sku_price_id,
        gross_amount as billed,
        gross_amount as effective,
        meter_words as description
    from chosen
    where kind = 'usage'
),

-- A purchase costs nothing when it is made, and its days cost what they are.
bought as (
    select
        tenant,
        line,
        'purchase' as part,
        month as start_date,
        next_month as end_date,
        'Purchase' as category,
        'Recurring' as frequency,
        null as consumed_quantity,
        1 as pricing_quantity,
        'Months' as pricing_unit,
        amount as unit_price,
        'fixed/' || item as sku_id,
        'Fixed amounts' as sku_meter,
        -- A price of its own: what an item costs differs from one centre to another.
        'fixed/' || item || '/' || tenant || strftime(month, '/%Y-%m/') || line
            as sku_price_id,
        amount as billed,
        0 as effective,
        item as description
    from chosen
    where kind = 'fixed' and amount >= 0
    union all
    -- The minor units that are left over go to the first days, one each.
    select
        tenant,
        line,
        'day' as part,
        month + cast(month_days.days_before as integer) as start_date,
        month + cast(month_days.days_before + 1 as integer) as end_date,
        'Usage' as category,
        'Recurring' as frequency,
        1 as consumed_quantity,
        1 as pricing_quantity,
        'Days' as pricing_unit,
        0 as unit_price, -- paid by the purchase
        'fixed/' || item as sku_id,
        'Fixed amounts' as sku_meter,
        'fixed/' || item || '/day' as sku_price_id,
        0 as billed,
        cast(
            (
                amount_minor // (next_month - month)
                + cast(
                    month_days.days_before < amount_minor % (next_month - month)
                    as integer
                )
            ) * getvariable('export_thousandths_per_minor') as decimal(18, 0)
        ) * 0.001 as effective,
        item || ', by the day' as description
    from chosen
    cross join unnest(range(next_month - month)) as month_days (days_before)
    where kind = 'fixed' and amount > 0
),

-- A credit of FOCUS may be of either sign: a correction may cost as well.
credited as (
    select
        tenant,
        line,
        case
            when kind = 'usage' then 'included'
            when kind = 'fixed' then 'credit'
            else 'correction'
        end as part,
        month as start_date,
        next_month as end_date,
        'Credit' as category,
        case
            when kind = 'usage' then 'Usage-Based'
            when kind = 'fixed' then 'Recurring'
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
        case
            when kind = 'usage' then 'Included: ' || meter_words
            when kind = 'fixed' then item
            else
                'Correction of '
                || corrects_statement
                || ', '
                || coalesce(meter_words, item)
                || ': '
                || cause
        end as description
    from chosen
    where
        kind = 'adjustment'
        or (kind = 'fixed' and amount < 0)
        or (kind = 'usage' and included_amount != 0)
)

select * from metered
union all
select * from bought
union all
select * from credited
