-- What cost centres have included and are charged by each way to share an allowance.

with sums as (
    select
        cost_center,
        grouping(cost_center) as is_total,
        meter,
        max(unit) as unit, -- this and the next are the same for all of a meter
        max(base_per_unit) as base_per_unit,
        sum(base_e4) filter (where policy = 'pro_rata') as base_e4,
        sum(included_e4) filter (where policy = 'pro_rata') as pro_rata_e4,
        sum(amount) filter (where policy = 'pro_rata') as pro_rata_amount,
        sum(included_e4) filter (where policy = 'first_come') as first_come_e4,
        sum(amount) filter (where policy = 'first_come') as first_come_amount,
        sum(included_e4) filter (where policy = 'by_entitlement') as entitled_e4,
        sum(amount) filter (where policy = 'by_entitlement') as entitled_amount
    from raw_simulated
    group by grouping sets ((meter, cost_center), (meter))
)

-- In billing units, rounded half up to millionths.
select
    case when is_total = 1 then 'Total' else cost_center end as cost_center,
    meter,
    unit,
    from_e6(billing_e6(base_e4, base_per_unit)) as used,
    from_e6(billing_e6(pro_rata_e4, base_per_unit)) as pro_rata_included,
    cast(pro_rata_amount as decimal(30, 3)) as pro_rata_amount,
    from_e6(billing_e6(first_come_e4, base_per_unit)) as first_come_included,
    cast(first_come_amount as decimal(30, 3)) as first_come_amount,
    from_e6(billing_e6(entitled_e4, base_per_unit)) as by_entitlement_included,
    cast(entitled_amount as decimal(30, 3)) as by_entitlement_amount
from sums
order by meter, is_total, cost_center
