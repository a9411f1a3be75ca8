-- What was metered in a month beside what is charged, in ten-thousandths of base units.
-- grain: tenant, billing_month, meter
-- by: month of billing_month, of all tenants
-- conserves: sum(charged_e4), sum(amount) per the grain = sum(base_quantity * 10000),
--   sum(amount) of charges by tenant, month, meter where kind = 'usage'
-- conserves: sum(metered_e4) per the grain = sum(base_quantity * 10000)
--   of int_meter_daily by tenant, date_trunc('month', usage_date), meter

-- Of months without usage there is no row, of those with usage one for each meter.
with metered as (
    select
        tenant,
        cast(date_trunc('month', usage_date) as date) as billing_month,
        meter,
        sum(base_quantity) as base_quantity,
        sum(unknown_runs) as unknown_runs
    from int_meter_daily
    group by tenant, date_trunc('month', usage_date), meter
),

card as (
    select meter
    from finance_rates
    group by meter
),

-- Exact: price (in millionths) times quantity, before a line is rounded.
charged as (
    select
        tenant,
        month as billing_month,
        meter,
        to_e4(sum(base_quantity)) as base_e4,
        to_e4(sum(base_quantity) filter (where cost_center = 'Unallocated'))
            as unallocated_e4,
        sum(to_e6(unit_price) * to_e4(base_quantity - included_base_quantity))
            as products,
        sum(amount) as amount
    from charges
    where kind = 'usage'
    group by tenant, month, meter
),

-- What a closed month would be charged today; of an open one that is the charge.
recharged as (
    select
        today.tenant,
        today.billing_month,
        today.meter,
        to_e4(sum(today.base_quantity)) as base_e4
    from int_charges as today
    inner join raw_closed_months as closed -- drops open months only
        on
            today.tenant = closed.tenant
            and today.billing_month = closed.month
    where today.kind = 'usage'
    group by today.tenant, today.billing_month, today.meter
)

-- The full join keeps what was charged of a closed month and is metered no more.
-- Nothing metered, or nothing known, is no line: both are 0 here.
select
    coalesce(metered.tenant, charged.tenant) as tenant,
    coalesce(metered.billing_month, charged.billing_month) as billing_month,
    coalesce(metered.meter, charged.meter) as meter,
    closed.month is not null as is_closed,
    to_e4(metered.base_quantity) as metered_e4,
    coalesce(metered.unknown_runs, 0) as unknown_runs,
    coalesce(charged.base_e4, 0) as charged_e4,
    coalesce(charged.unallocated_e4, 0) as unallocated_e4,
    case when card.meter is null then coalesce(to_e4(metered.base_quantity), 0) else 0
    end as unpriced_e4,
    case
        when closed.month is null then 0
        else coalesce(recharged.base_e4, 0) - coalesce(charged.base_e4, 0)
    end as later_e4,
    coalesce(charged.products, 0) as products,
    coalesce(charged.amount, 0) as amount
from metered
full join charged
    on
        metered.tenant = charged.tenant
        and metered.billing_month = charged.billing_month
        and metered.meter = charged.meter
left join raw_closed_months as closed
    on
        coalesce(metered.tenant, charged.tenant) = closed.tenant
        and coalesce(metered.billing_month, charged.billing_month) = closed.month
left join recharged
    on
        metered.tenant = recharged.tenant
        and metered.billing_month = recharged.billing_month
        and metered.meter = recharged.meter
left join card
    on metered.meter = card.meter
where metered.base_quantity > 0 or coalesce(card.meter, charged.meter) is not null
