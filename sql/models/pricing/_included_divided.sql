-- The pools of allowances, divided among those who used the meter in them.
-- grain: tenant, billing_month, meter, rate_from, pool, automation_id, owner_id,
--   space_id, cost_center
-- conserves: sum(included_bp) per billing_month, meter, rate_from, pool =
--   _included_pools

-- Who has a part in a pool: all, those of a day, or those of a cost centre.
with members as (
    select
        priced.billing_month,
        priced.meter,
        priced.rate_from,
        case rates.policy
            when 'by_entitlement' then priced.cost_center
            else 'all'
        end as pool,
        priced.tenant,
        priced.automation_id,
        priced.owner_id,
        priced.space_id,
        priced.cost_center,
        priced.base_bp
    from _usage_priced as priced
    inner join int_rates as rates -- drops what has no such allowance only
        on
            priced.meter = rates.meter
            and priced.rate_from = rates.rate_from
            and rates.tier = 1
            and rates.policy != 'first_come'
            and rates.included_bp > 0
    union all
    select
        billing_month,
        meter,
        rate_from,
        cast(usage_date as varchar) as pool,
        tenant,
        automation_id,
        owner_id,
        space_id,
        cost_center,
        base_bp
    from _included_daily
),

-- // and % leave a whole part and a remainder that lose nothing.
divisions as (
    select
        members.billing_month,
        members.meter,
        members.rate_from,
        members.pool,
        members.tenant,
        members.automation_id,
        members.owner_id,
        members.space_id,
        members.cost_center,
        pools.included_bp as whole_bp,
        pools.included_bp * members.base_bp
        // sum(members.base_bp) over pool_members as whole_part,
        pools.included_bp * members.base_bp
        % sum(members.base_bp) over pool_members as fraction
    from members
    inner join _included_pools as pools -- drops days on which nothing is left
        on
            members.billing_month = pools.billing_month
            and members.meter = pools.meter
            and members.rate_from = pools.rate_from
            and members.pool = pools.pool
    window pool_members as (
        partition by
            members.billing_month, members.meter, members.rate_from, members.pool
    )
),

-- What is left over goes one by one to the largest remainders.
ranked as (
    select
        *,
        whole_bp - sum(whole_part) over (
            partition by billing_month, meter, rate_from, pool
        ) as left_over,
        row_number() over (
            partition by billing_month, meter, rate_from, pool
            order by
                fraction desc,
                cost_center asc,
                tenant asc,
                owner_id asc,
                space_id asc,
                automation_id asc
        ) as place
    from divisions
)

select
    tenant,
    billing_month,
    meter,
    rate_from,
    pool,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    case when place <= left_over then whole_part + 1 else whole_part end as included_bp
from ranked
