-- A month's usage by tier of its rate set, with what of it is included and billable.
-- grain: tenant, billing_month, meter, rate_from, tier, automation_id, owner_id,
--   space_id, cost_center
-- by: month of billing_month, of all tenants
-- conserves: sum(included_e4 + billable_e4) per the grain without tier =
--   sum(base_e4) of int_usage_included
-- conserves: sum(included_e4) per the grain without tier = int_usage_included

-- How much of a tier all consumers of a month fill together; the first one stands here
-- also where all is included.
with recursive tiers as (
    select
        used.billing_month,
        used.meter,
        used.licence,
        used.rate_from,
        rates.tier,
        -- The last one has no end: least() passes over a null.
        least(sum(used.base_e4 - used.included_e4), max(rates.tier_end_e4))
        - max(rates.tier_start_e4) as tier_e4
    from int_usage_included as used
    inner join int_rates as rates -- multiplies by tiers, and sums them up again
        on
            used.meter = rates.meter
            and used.licence is not distinct from rates.licence
            and used.rate_from = rates.rate_from
    where used.tier_count > 1
    group by used.billing_month, used.meter, used.licence, used.rate_from, rates.tier
    having tier_e4 > 0 or rates.tier = 1
),

-- Where there is one tier, all is in it. Else a tier after the other is divided by what
-- each consumer has left, by largest remainder, until the last one takes the rest. Tier
-- by tier, because divided on their own the tiers would add up to a unit more or less
-- than was used.
spread as (
    select
        * exclude (tier_count, base_e4),
        case when tier_count = 1 then 1 else 0 end as tier,
        base_e4 - included_e4 as before_e4,
        case when tier_count = 1 then base_e4 - included_e4 else 0 end as billable_e4
    from int_usage_included
    union all
    select
        * exclude (
            tier, before_e4, billable_e4, next_tier, tier_e4, left_e4, part, fraction
        ),
        next_tier as tier,
        left_e4 as before_e4,
        largest_remainder(
            part, tier_e4 - sum(part) over sets,
            row_number() over (
                sets
                order by
                    fraction desc, cost_center asc, tenant asc, owner_id asc,
                    space_id asc, automation_id asc
            )
        ) as billable_e4
    from (
        select
            spread.*,
            tiers.tier as next_tier,
            tiers.tier_e4,
            spread.before_e4 - spread.billable_e4 as left_e4,
            whole_part(tiers.tier_e4, left_e4, sum(left_e4) over sets) as part,
            fraction_part(tiers.tier_e4, left_e4, sum(left_e4) over sets) as fraction
        from spread
        inner join tiers -- ends when there is no further tier
            on
                spread.billing_month = tiers.billing_month
                and spread.meter = tiers.meter
                and spread.licence is not distinct from tiers.licence
                and spread.rate_from = tiers.rate_from
                and spread.tier + 1 = tiers.tier
        window sets as (
            partition by
                spread.billing_month, spread.meter, spread.licence, spread.rate_from
        )
    ) as divisions
    window sets as (partition by billing_month, meter, licence, rate_from)
)

-- What is included is priced, and taken off again, at the price of the first tier.
select
    tenant,
    billing_month,
    meter,
    licence,
    rate_from,
    tier,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    case when tier = 1 then included_e4 else 0 end as included_e4,
    billable_e4
from spread
where billable_e4 > 0 or (tier = 1 and included_e4 > 0)
