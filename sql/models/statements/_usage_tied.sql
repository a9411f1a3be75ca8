-- What was metered in a month beside what is charged, in ten-thousandths of base units.
-- grain: tenant, billing_month, meter
-- conserves: sum(charged_e4), sum(amount) per the grain = sum(base_quantity * 10000),
--   sum(amount) of charges by tenant, month, meter where kind = 'usage'
-- conserves: sum(metered_e4) per the grain = sum(base_quantity * 10000)
--   of _usage_metered

-- Exact: price (in millionths) times quantity, before a line is rounded.
with charged as (
    select
        tenant,
        month as billing_month,
        meter,
        cast(sum(base_quantity) * 10000 as hugeint) as base_e4,
        cast(
            sum(base_quantity) filter (where cost_center = 'Unallocated') * 10000
            as hugeint
        ) as unallocated_e4,
        sum(
            cast(unit_price * 1000000 as hugeint)
            * cast((base_quantity - included_base_quantity) * 10000 as hugeint)
        ) as products,
        sum(amount) as amount
    from charges
    where kind = 'usage'
    group by tenant, month, meter
),

-- What a closed month would be charged today; of an open one that is the charge.
closed_months as (
    select
        tenant,
        month as billing_month
    from statement
    where closed
    group by tenant, month
),

recharged as (
    select
        today.tenant,
        today.billing_month,
        today.meter,
        cast(sum(today.base_quantity) * 10000 as hugeint) as base_e4
    from int_charges as today
    inner join closed_months -- drops open months only
        on
            today.tenant = closed_months.tenant
            and today.billing_month = closed_months.billing_month
    where today.kind = 'usage'
    group by today.tenant, today.billing_month, today.meter
)

-- The full join keeps what was charged of a closed month and is metered no more.
-- Nothing metered, or nothing known, is no line: both are 0 here.
select
    coalesce(metered.tenant, charged.tenant) as tenant,
    coalesce(metered.billing_month, charged.billing_month) as billing_month,
    coalesce(metered.meter, charged.meter) as meter,
    closed_months.tenant is not null as is_closed,
    cast(metered.base_quantity as hugeint) * 10000 as metered_e4,
    coalesce(metered.unknown_runs, 0) as unknown_runs,
    coalesce(charged.base_e4, 0) as charged_e4,
    coalesce(charged.unallocated_e4, 0) as unallocated_e4,
    case
        when metered.is_on_card then 0
        else coalesce(cast(metered.base_quantity as hugeint) * 10000, 0)
    end as unpriced_e4,
    case
        when closed_months.tenant is null then 0
        else coalesce(recharged.base_e4, 0) - coalesce(charged.base_e4, 0)
    end as later_e4,
    coalesce(charged.products, 0) as products,
    coalesce(charged.amount, 0) as amount
from _usage_metered as metered
full join charged
    on
        metered.tenant = charged.tenant
        and metered.billing_month = charged.billing_month
        and metered.meter = charged.meter
left join closed_months
    on
        coalesce(metered.tenant, charged.tenant) = closed_months.tenant
        and coalesce(metered.billing_month, charged.billing_month)
        = closed_months.billing_month
left join recharged
    on
        metered.tenant = recharged.tenant
        and metered.billing_month = recharged.billing_month
        and metered.meter = recharged.meter
where metered.base_quantity > 0 or metered.is_on_card or charged.meter is not null
