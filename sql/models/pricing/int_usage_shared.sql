-- What each cost centre's consumers used of each meter, exact also where it is shared.
-- grain: tenant, period_start, automation_id, owner_id, space_id, cost_center, meter
-- by: month of billing_month, of all tenants
-- conserves: sum(base_e4) per tenant, period_start, meter =
--   sum(10000 * base_quantity) of int_usage_by_period

-- In ten-thousandths of a run, second, byte or call, where a share of 60 % is a whole
-- number, so that the shares add up exactly. What was not used has no row.
select
    used.tenant,
    used.billing_month,
    used.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id,
    assigned.cost_center,
    used.meter,
    -- Null where the rate card has no price. A check finds those that should have one.
    case when own.meter is null then rates.licence else own.licence end as licence,
    case when own.meter is null then rates.rate_from else own.rate_from end
        as rate_from,
    used.base_quantity * assigned.share_basis_points as base_e4
from int_usage_by_period as used
inner join int_cost_centers_assigned as assigned -- drops nothing: shares of 10000
    on
        used.tenant = assigned.tenant
        and used.period_start = assigned.period_start
        and used.automation_id = assigned.automation_id
        and used.owner_id = assigned.owner_id
        and used.space_id = assigned.space_id
left join int_rates as own -- of a licence: a tenant has one on a day at most
    on
        used.meter = own.meter
        and own.tier = 1
        and in_force(used.period_start, own.rate_from, own.valid_to)
        and list_contains(own.tenants, used.tenant)
left join int_rates as rates
    on
        used.meter = rates.meter
        and rates.tier = 1
        and rates.tenants is null
        and in_force(used.period_start, rates.rate_from, rates.valid_to)
where used.base_quantity > 0
