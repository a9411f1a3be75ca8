-- Why a cost centre is charged more or less than the month before, in parts.
-- grain: tenant, month, cost_center
-- conserves: each amount - prior_amount = price_amount + volume_amount + mix_amount +
--   allocation_amount + fixed_amount + adjustment_amount

-- Price: what this month's quantity costs at its prices less what it would have cost
-- at those of the month before, the included allowance counted in. Volume: the change
-- if the cost centre had grown just as the whole tenant did, meter by meter.
-- Allocation: automations that moved between cost centres (by space, owner or rule),
-- at what they cost this month: what one gains others lose. Fixed and adjustment: by
-- how much fixed amounts and corrections differ. Mix: the rest, which is what the cost
-- centre's own automations ran more or less than everybody's, and rounded cents.
with causes as (
    select
        tenant,
        billing_month,
        cost_center,
        cast(getvariable('micros_per_minor') as hugeint) as per_minor,
        sum(price_micros) as price,
        sum(volume_micros) as volume,
        sum(allocation_micros) as allocation
    from _bridge_meters
    group by tenant, billing_month, cost_center
),

-- Whole minor units, rounded half away from zero.
rounded as (
    select
        tenant,
        billing_month,
        cost_center,
        sign(price) * ((2 * abs(price) + per_minor) // (2 * per_minor))
        * per_minor as price_micros,
        sign(volume) * ((2 * abs(volume) + per_minor) // (2 * per_minor))
        * per_minor as volume_micros,
        sign(allocation) * ((2 * abs(allocation) + per_minor) // (2 * per_minor))
        * per_minor as allocation_micros
    from causes
),

-- Zeros are true ones: no usage in either month has no cause to change, and a month
-- without a statement had no amounts. Where the month before is unknown, so is every
-- part: null, not 0.
compared as (
    select
        this_month.tenant,
        this_month.month as billing_month,
        this_month.cost_center,
        this_month.prior_amount,
        this_month.amount,
        this_month.currency,
        this_month.prior_amount is not null as is_known,
        cast(coalesce(rounded.price_micros, 0) as decimal(24, 0))
        * 0.000001 as price_amount,
        cast(coalesce(rounded.volume_micros, 0) as decimal(24, 0))
        * 0.000001 as volume_amount,
        cast(coalesce(rounded.allocation_micros, 0) as decimal(24, 0))
        * 0.000001 as allocation_amount,
        this_month.fixed_amount - coalesce(earlier.fixed_amount, 0) as fixed_amount,
        this_month.adjustment_amount
        - coalesce(earlier.adjustment_amount, 0) as adjustment_amount
    from statement as this_month
    left join statement as earlier
        on
            this_month.tenant = earlier.tenant
            and this_month.month = cast(earlier.month + interval 1 month as date)
            and this_month.cost_center = earlier.cost_center
    left join rounded
        on
            this_month.tenant = rounded.tenant
            and this_month.month = rounded.billing_month
            and this_month.cost_center = rounded.cost_center
)

select
    tenant,
    billing_month as month,
    cost_center,
    prior_amount,
    case when is_known then cast(price_amount as decimal(18, 3)) end as price_amount,
    case when is_known then cast(volume_amount as decimal(18, 3)) end as volume_amount,
    cast(
        amount - prior_amount - price_amount - volume_amount
        - allocation_amount - fixed_amount - adjustment_amount as decimal(18, 3)
    ) as mix_amount,
    case when is_known then cast(allocation_amount as decimal(18, 3)) end
        as allocation_amount,
    case when is_known then cast(fixed_amount as decimal(18, 3)) end as fixed_amount,
    case when is_known then cast(adjustment_amount as decimal(18, 3)) end
        as adjustment_amount,
    amount,
    currency
from compared
