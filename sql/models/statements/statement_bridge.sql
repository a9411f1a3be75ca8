-- Why a cost centre is charged more or less than the month before, in parts.
-- grain: tenant, month, cost_center
-- conserves: each amount - prior_amount = price_amount + volume_amount + mix_amount +
--   allocation_amount + fixed_amount + adjustment_amount

-- Price: what this month's quantity costs at its prices less what it would have cost
-- at those of the month before, the included allowance counted in. Volume: the change
-- if the cost centre had grown just as the whole tenant did, meter by meter.
-- Allocation: automations that moved between cost centres (by space, owner or rule),
-- at what they cost this month: what one gains others lose. Fixed and adjustment: by
-- how much fixed amounts and corrections differ. Mix: what remains, which is what the
-- automations of the cost centre ran more or less than others, and rounded cents.
with causes as (
    select
        tenant,
        billing_month,
        cost_center,
        whole_minor(sum(price_micros)) as price_amount,
        whole_minor(sum(volume_micros)) as volume_amount,
        whole_minor(sum(allocation_micros)) as allocation_amount
    from _bridge_parts
    group by tenant, billing_month, cost_center
),

-- Zeros are true ones: no usage in either month has no cause to change, and a month
-- without a statement had no amounts. Where the month before is unknown, so is every
-- part: null, not 0; and in the running month, which has fewer days than that.
compared as (
    select
        this_month.tenant,
        this_month.month as billing_month,
        this_month.cost_center,
        this_month.prior_amount,
        this_month.amount,
        this_month.currency,
        (
            this_month.prior_amount is not null
            and this_month.month is distinct from getvariable('running_month')
        ) as is_known,
        coalesce(causes.price_amount, 0) as price_amount,
        coalesce(causes.volume_amount, 0) as volume_amount,
        coalesce(causes.allocation_amount, 0) as allocation_amount,
        this_month.fixed_amount - coalesce(earlier.fixed_amount, 0) as fixed_amount,
        this_month.adjustment_amount
        - coalesce(earlier.adjustment_amount, 0) as adjustment_amount
    from statement as this_month
    left join statement as earlier
        on
            this_month.tenant = earlier.tenant
            and this_month.month = cast(earlier.month + interval 1 month as date)
            and this_month.cost_center = earlier.cost_center
    left join causes
        on
            this_month.tenant = causes.tenant
            and this_month.month = causes.billing_month
            and this_month.cost_center = causes.cost_center
)

select
    tenant,
    billing_month as month,
    cost_center,
    case when is_known then prior_amount end as prior_amount,
    case when is_known then to_amount(price_amount) end as price_amount,
    case when is_known then to_amount(volume_amount) end as volume_amount,
    case
        when is_known
            then
                to_amount(
                    amount - prior_amount - price_amount - volume_amount
                    - allocation_amount - fixed_amount - adjustment_amount
                )
    end as mix_amount,
    case when is_known then to_amount(allocation_amount) end as allocation_amount,
    case when is_known then to_amount(fixed_amount) end as fixed_amount,
    case when is_known then to_amount(adjustment_amount) end as adjustment_amount,
    amount,
    currency
from compared
