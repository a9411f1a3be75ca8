-- How much of a month's usage the allowance covers, for each consumer.
-- grain: tenant, billing_month, meter, rate_from, automation_id, owner_id, space_id,
--   cost_center
-- by: month of billing_month, of all tenants
-- conserves: sum(base_e4) per the grain = _usage_pooled
-- conserves: sum(included_e4) per billing_month, meter, licence, rate_from =
--   _included_pools

with divisions as (
    select
        used.*,
        pools.included_e4 as pool_e4,
        whole_part(pools.included_e4, used.base_e4, pools.base_e4) as part,
        fraction_part(pools.included_e4, used.base_e4, pools.base_e4) as fraction
    from _usage_pooled as used
    inner join _included_pools as pools -- drops usage without an allowance
        on
            used.billing_month = pools.billing_month
            and used.meter = pools.meter
            and used.licence is not distinct from pools.licence
            and used.rate_from = pools.rate_from
            and used.pool = pools.pool
),

-- A consumer may have a part in several pools.
parts as (
    select
        *,
        largest_remainder(
            part,
            pool_e4 - sum(part) over members,
            row_number() over (
                members
                order by
                    fraction desc,
                    cost_center asc,
                    tenant asc,
                    owner_id asc,
                    space_id asc,
                    automation_id asc
            )
        ) as included_e4
    from divisions
    window members as (
        partition by billing_month, meter, licence, rate_from, pool
    )
)

select
    tenant,
    billing_month,
    meter,
    licence,
    rate_from,
    tier_count,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    cast(sum(base_e4) as hugeint) as base_e4,
    cast(sum(included_e4) as hugeint) as included_e4
from parts
group by
    tenant,
    billing_month,
    meter,
    licence,
    rate_from,
    tier_count,
    automation_id,
    owner_id,
    space_id,
    cost_center
union all
select
    tenant,
    billing_month,
    meter,
    licence,
    rate_from,
    tier_count,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    base_e4,
    0 as included_e4
from _usage_pooled
where pool = ''
