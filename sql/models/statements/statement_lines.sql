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
        sum(quantity) as quantity,
        sum(share_ratio) as share_ratio,
        sum(gross_amount) as gross_amount,
        sum(included_amount) as included_amount,
        sum(amount) as amount,
        count(*) as charges
    from charges
    group by
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
        corrects_month,
        corrects_statement,
        cause,
        currency
),

-- Of the sums, not a sum of rounded quantities. A correction has no base quantity of
-- its own price, and keeps the difference that it states.
measured as (
    select
        sums.*,
        cast(sums.base_quantity * 10000 as hugeint) as base_bp,
        cast(sums.included_base_quantity * 10000 as hugeint) as included_bp,
        cast(meters.base_per_unit * 10000 as hugeint) as bp_per_unit
    from sums
    left join seed_meters as meters -- fixed amounts have no meter
        on sums.meter = meters.meter
),

quantified as (
    select
        measured.* exclude (quantity),
        case
            when kind = 'usage'
                then
                    cast(
                        (2000000 * base_bp + bp_per_unit) // (2 * bp_per_unit)
                        as decimal(32, 0)
                    )
                    * 0.000001
            else quantity
        end as quantity,
        case
            when kind = 'usage'
                then
                    cast(
                        (2000000 * included_bp + bp_per_unit) // (2 * bp_per_unit)
                        as decimal(32, 0)
                    )
                    * 0.000001
        end as included_quantity
    from measured
)

select
    tenant,
    billing_month as month,
    cost_center,
    row_number() over (
        partition by tenant, billing_month, cost_center
        order by
            kind = 'adjustment',
            kind = 'fixed',
            meter,
            rate_from,
            tier,
            item,
            driver,
            corrects_month,
            cause
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
    cast(gross_amount as decimal(18, 3)) as gross_amount,
    cast(included_amount as decimal(18, 3)) as included_amount,
    cast(amount as decimal(18, 3)) as amount,
    currency,
    driver,
    cast(share_ratio as decimal(9, 6)) as share_ratio,
    corrects_month,
    corrects_statement,
    cause,
    charges,
    -- What a reader may ask the warehouse to see what a line is made of.
    'select * from marts.charges where tenant = '''
    || tenant
    || ''' and month = date '''
    || billing_month
    || ''' and cost_center = '''
    || replace(cost_center, '''', '''''')
    || ''' and kind = '''
    || kind
    || ''''
    || case when meter is null then '' else ' and meter = ''' || meter || '''' end
    || case when tier is null then '' else ' and tier = ' || tier end
    || case
        when rate_from is null then ''
        else ' and rate_from = date ''' || rate_from || ''''
    end
    || case
        when item is null then ''
        else ' and item = ''' || replace(item, '''', '''''') || ''''
    end
    || case
        when corrects_month is null then ''
        else ' and corrects_month = date ''' || corrects_month || ''''
    end
    || case when cause is null then '' else ' and cause = ''' || cause || '''' end
        as trace_query
from quantified
