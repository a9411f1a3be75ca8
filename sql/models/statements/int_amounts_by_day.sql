-- What the usage of a day costs by cost centre and owner: to analyse, never to bill.
-- grain: tenant, usage_date, cost_center, owner_id, automation_id
-- by: month of usage_date, of all tenants
-- conserves: nothing: what was used today of a closed month meets the prices of then

-- What a unit costs a cost centre by a rate set, allowance and tiers included, and what
-- before the allowance: in 10^-15ths of a millionth of the currency, for a
-- ten-thousandth of a base unit.
with charged as (
    select
        tenant,
        month as billing_month,
        cost_center,
        meter,
        rate_from,
        to_e6(sum(amount)) * 1000000000000000 // to_e4(sum(base_quantity)) as price,
        to_e6(sum(gross_amount)) * 1000000000000000 // to_e4(sum(base_quantity))
            as gross_price
    from charges
    where kind = 'usage'
    group by tenant, month, cost_center, meter, rate_from
),

periods as (
    select
        tenant,
        billing_month,
        period_start
    from int_billing_days
    group by tenant, billing_month, period_start
),

-- Of a period that price which began last.
priced as (
    select
        charged.tenant,
        periods.period_start,
        charged.cost_center,
        charged.meter,
        max_by(charged.price, charged.rate_from) as price,
        max_by(charged.gross_price, charged.rate_from) as gross_price
    from charged
    inner join periods -- drops a closed month of which no day is known any more
        on
            charged.tenant = periods.tenant
            and charged.billing_month = periods.billing_month
            and charged.rate_from <= periods.period_start
    group by
        charged.tenant, periods.period_start, charged.cost_center, charged.meter
)

-- Automations that cost too little to be looked at share a row. What is unknown is not
-- charged: a zero.
select
    used.tenant,
    used.usage_date,
    assigned.cost_center,
    used.owner_id,
    coalesce(costly.automation_id, '') as automation_id,
    amount_of_day(used.base_quantity * assigned.share_basis_points, priced.price)
        as amount,
    amount_of_day(used.base_quantity * assigned.share_basis_points, priced.gross_price)
        as gross_amount
from int_meter_daily as used
inner join int_billing_days as billing_days -- drops nothing: a row for each date
    on
        used.tenant = billing_days.tenant
        and used.usage_date = billing_days.usage_date
inner join int_cost_centers_assigned as assigned -- drops nothing: shares of all
    on
        used.tenant = assigned.tenant
        and billing_days.period_start = assigned.period_start
        and used.automation_id = assigned.automation_id
        and used.owner_id = assigned.owner_id
        and used.space_id = assigned.space_id
inner join priced -- drops what is not charged
    on
        used.tenant = priced.tenant
        and billing_days.period_start = priced.period_start
        and assigned.cost_center = priced.cost_center
        and used.meter = priced.meter
left join _high_cost_automations as costly
    on
        used.tenant = costly.tenant
        and used.automation_id = costly.automation_id
group by
    used.tenant, used.usage_date, assigned.cost_center, used.owner_id,
    coalesce(costly.automation_id, '')
