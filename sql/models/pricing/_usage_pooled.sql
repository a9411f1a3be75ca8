-- A month's priced usage, by the pool of an allowance that it draws on.
-- grain: tenant, billing_month, meter, rate_from, pool, automation_id, owner_id,
--   space_id, cost_center
-- by: month of billing_month, of all tenants
-- conserves: sum(base_e4) per tenant, billing_month, meter, rate_from, cost_center =
--   int_usage_shared where rate_from is not null

-- The policy says who shares a pool: everybody, a cost centre, or everybody who used
-- the meter on a day. Without an allowance the name of the pool is empty.
select
    used.tenant,
    used.billing_month,
    used.meter,
    used.licence,
    used.rate_from,
    rates.tier_count,
    case
        when rates.policy is null then ''
        when rates.policy = 'pro_rata' then 'all'
        when rates.policy = 'by_entitlement' then used.cost_center
        else error('nobody shares a pool under ' || rates.policy)
    end as pool,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.cost_center,
    sum(used.base_e4) as base_e4
from int_usage_shared as used
inner join int_rates as rates -- drops what has no price
    on
        used.meter = rates.meter
        and used.licence is not distinct from rates.licence
        and used.rate_from = rates.rate_from
        and rates.tier = 1
where rates.policy is distinct from 'first_come'
group by
    used.tenant,
    used.billing_month,
    used.meter,
    used.licence,
    used.rate_from,
    rates.tier_count,
    rates.policy,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.cost_center
union all
select
    used.tenant,
    billing_days.billing_month,
    used.meter,
    rates.licence,
    rates.rate_from,
    rates.tier_count,
    cast(used.usage_date as varchar) as pool,
    used.automation_id,
    used.owner_id,
    used.space_id,
    assigned.cost_center,
    used.base_quantity * assigned.share_basis_points as base_e4
from int_meter_daily as used
left join int_rates as own
    on
        used.meter = own.meter
        and own.tier = 1
        and in_force(used.usage_date, own.rate_from, own.valid_to)
        and list_contains(own.tenants, used.tenant)
inner join int_rates as rates -- other policies need no days
    on
        used.meter = rates.meter
        and in_force(used.usage_date, rates.rate_from, rates.valid_to)
        and rates.tier = 1
        and rates.policy = 'first_come'
        and own.tenants is not distinct from rates.tenants
inner join int_billing_days as billing_days -- drops nothing: a row for each date
    on
        used.tenant = billing_days.tenant
        and used.usage_date = billing_days.usage_date
inner join int_cost_centers_assigned as assigned -- drops months not asked for
    on
        used.tenant = assigned.tenant
        and billing_days.period_start = assigned.period_start
        and used.automation_id = assigned.automation_id
        and used.owner_id = assigned.owner_id
        and used.space_id = assigned.space_id
where
    used.base_quantity > 0
    and coalesce(list_contains(getvariable('priced_days'), used.usage_date), true)
