-- An allowance as pools, and how much of it each has: never more than was used.
-- grain: billing_month, meter, licence, rate_from, pool
-- by: month of billing_month, of all tenants
-- conserves: sum(base_e4) per the grain = _usage_pooled where pool != ''
-- conserves: each greatest(included_e4, base_e4) = base_e4

with pools as (
    select
        used.billing_month,
        used.meter,
        used.licence,
        used.rate_from,
        used.pool,
        rates.policy,
        rates.included_e4 as allowance_e4,
        sum(used.base_e4) as base_e4,
        -- What this day and all earlier ones used, where pools are days.
        sum(sum(used.base_e4)) over (
            partition by used.billing_month, used.meter, used.licence, used.rate_from
            order by used.pool
        ) as so_far_e4
    from _usage_pooled as used
    inner join int_rates as rates -- drops usage without an allowance
        on
            used.meter = rates.meter
            and used.licence is not distinct from rates.licence
            and used.rate_from = rates.rate_from
            and rates.tier = 1
            and rates.included_e4 > 0
    group by
        used.billing_month, used.meter, used.licence, used.rate_from, used.pool,
        rates.policy, rates.included_e4
),

-- A pool's own part: the whole allowance, what earlier days have left of it, or what
-- the cost centre is entitled to (0 if it is not).
own as (
    select
        pools.*,
        least(
            pools.base_e4,
            case pools.policy
                when 'pro_rata' then pools.allowance_e4
                when 'first_come'
                    then greatest(
                        pools.allowance_e4 - pools.so_far_e4 + pools.base_e4, 0
                    )
                when 'by_entitlement'
                    then
                        pools.allowance_e4
                        * coalesce(parts.share_basis_points, 0) // 10000
                else error('a pool has no part of its own under ' || pools.policy)
            end
        ) as own_e4
    from pools
    left join finance_entitlements as parts
        on
            pools.policy = 'by_entitlement'
            and pools.meter = parts.meter
            and pools.pool = parts.cost_center
            and in_force(pools.billing_month, parts.valid_from, parts.valid_to)
),

-- What is left of the allowance goes to the pools that used more than their own part,
-- in proportion to the excess. Without an excess nothing is left.
divisions as (
    select
        *,
        base_e4 - own_e4 as weight_e4,
        least(allowance_e4, sum(base_e4) over sets) - sum(own_e4) over sets as left_e4,
        whole_part(left_e4, weight_e4, sum(weight_e4) over sets) as part,
        fraction_part(left_e4, weight_e4, sum(weight_e4) over sets) as fraction
    from own
    window sets as (partition by billing_month, meter, licence, rate_from)
)

select
    billing_month,
    meter,
    licence,
    rate_from,
    pool,
    base_e4,
    own_e4 + largest_remainder(
        part,
        left_e4 - sum(part) over sets,
        row_number() over (sets order by fraction desc, pool asc)
    ) as included_e4
from divisions
window sets as (partition by billing_month, meter, licence, rate_from)
