-- What cost centres have included and are charged by each way to share an allowance.

with sums as (
    select
        cost_center,
        grouping(cost_center) as is_total,
        meter,
        max(unit) as unit, -- the same for all of a meter
        max(base_per_unit) * 10000 as bp_per_unit,
        sum(base_bp) filter (where policy = 'pro_rata') as base_bp,
        sum(included_bp) filter (where policy = 'pro_rata') as pro_rata_bp,
        sum(amount) filter (where policy = 'pro_rata') as pro_rata_amount,
        sum(included_bp) filter (where policy = 'first_come') as first_come_bp,
        sum(amount) filter (where policy = 'first_come') as first_come_amount,
        sum(included_bp) filter (where policy = 'by_entitlement') as entitled_bp,
        sum(amount) filter (where policy = 'by_entitlement') as entitled_amount
    from raw_simulated
    group by grouping sets ((meter, cost_center), (meter))
)

-- In billing units, rounded half up to millionths.
select
    case when is_total = 1 then 'Total' else cost_center end as cost_center,
    meter,
    unit,
    cast(
        cast((2000000 * base_bp + bp_per_unit) // (2 * bp_per_unit) as decimal(32, 0))
        * 0.000001 as decimal(38, 6)
    ) as used,
    cast(
        cast(
            (2000000 * pro_rata_bp + bp_per_unit) // (2 * bp_per_unit)
            as decimal(32, 0)
        ) * 0.000001 as decimal(38, 6)
    ) as pro_rata_included,
    cast(pro_rata_amount as decimal(18, 3)) as pro_rata_amount,
    cast(
        cast(
            (2000000 * first_come_bp + bp_per_unit) // (2 * bp_per_unit)
            as decimal(32, 0)
        ) * 0.000001 as decimal(38, 6)
    ) as first_come_included,
    cast(first_come_amount as decimal(18, 3)) as first_come_amount,
    cast(
        cast(
            (2000000 * entitled_bp + bp_per_unit) // (2 * bp_per_unit)
            as decimal(32, 0)
        ) * 0.000001 as decimal(38, 6)
    ) as by_entitlement_included,
    cast(entitled_amount as decimal(18, 3)) as by_entitlement_amount
from sums
order by meter, is_total, cost_center
