-- What a month comes to by meter and price, fixed amount and correction.
-- grain: tenant, month, position
-- conserves: sum(amount), sum(gross_amount), sum(included_amount) per tenant, month =
--   charges

-- Amounts are sums of the statements' lines, so that price times quantity may differ by
-- their rounding; quantities are rounded once, as in the tie-out. A correction keeps
-- the difference that its lines state.
with sums as (
    select
        tenant,
        month as billing_month,
        kind,
        meter,
        item,
        rate_from,
        tier,
        unit,
        unit_price,
        corrects_month,
        cause,
        currency,
        count(*) as lines,
        sum(base_quantity) filter (where kind = 'usage') as base_quantity,
        sum(included_base_quantity) filter (where kind = 'usage') as included_base,
        sum(quantity) as stated_quantity,
        sum(gross_amount) as gross_amount,
        sum(included_amount) as included_amount,
        sum(amount) as amount
    from statement_lines
    group by all
),

-- Where tiers begin and end today; of a price that tells which.
tiers as (
    select *
    from int_rates
    qualify count(*) over (partition by meter, rate_from, tier, unit_price) = 1
),

measured as (
    select
        sums.*,
        from_e6(billing_e6(tiers.tier_start_e4, meters.base_per_unit)) as tier_from,
        from_e6(billing_e6(tiers.tier_end_e4, meters.base_per_unit)) as tier_to,
        coalesce(
            billing_quantity(sums.base_quantity, meters.base_per_unit),
            sums.stated_quantity
        ) as quantity,
        billing_quantity(sums.included_base, meters.base_per_unit) as included_quantity
    from sums
    left join seed_meters as meters -- fixed amounts have no meter
        on sums.meter = meters.meter
    left join tiers -- or it was another price
        on
            sums.meter = tiers.meter
            and sums.rate_from = tiers.rate_from
            and sums.tier = tiers.tier
            and sums.unit_price = tiers.unit_price
)

select
    tenant,
    billing_month as month,
    row_number() over (
        partition by tenant, billing_month
        order by
            kind = 'adjustment', kind = 'fixed', meter, rate_from, tier, item,
            corrects_month, cause
    ) as position,
    kind,
    meter,
    item,
    rate_from,
    tier,
    tier_from,
    tier_to,
    unit,
    unit_price,
    corrects_month,
    cause,
    lines,
    cast(quantity as decimal(38, 6)) as quantity,
    cast(included_quantity as decimal(38, 6)) as included_quantity,
    cast(quantity - included_quantity as decimal(38, 6)) as billable_quantity,
    cast(gross_amount as decimal(30, 3)) as gross_amount,
    cast(included_amount as decimal(30, 3)) as included_amount,
    cast(amount as decimal(30, 3)) as amount,
    -- Of a fixed amount, what all tenants pay of it.
    case when kind = 'fixed' then to_amount(sum(amount) over items) end as whole_amount,
    currency
from measured
window items as (partition by billing_month, kind, item)
