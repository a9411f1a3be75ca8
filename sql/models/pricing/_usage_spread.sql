-- Billable usage spread over the tiers of its rate set; all have the same mix of them.
-- grain: tenant, billing_month, meter, rate_from, tier, automation_id, owner_id,
--   space_id, cost_center
-- conserves: sum(billable_bp) per the grain without tier = sum(base_bp - included_bp)
--   of int_usage_included where tier_count > 1

-- How much of a tier all consumers of a month fill together.
with recursive tiers as (
    select
        used.billing_month,
        rates.meter,
        rates.rate_from,
        rates.tier,
        least(
            sum(used.base_bp - used.included_bp),
            max(rates.tier_end_bp) -- null for the last one: least() passes it over
        )
        - max(rates.tier_start_bp) as tier_bp
    from int_usage_included as used
    inner join int_rates as rates -- multiplies by tiers, and sums them up again
        on
            used.meter = rates.meter
            and used.rate_from = rates.rate_from
    where used.tier_count > 1
    group by used.billing_month, rates.meter, rates.rate_from, rates.tier
    having sum(used.base_bp - used.included_bp) > max(rates.tier_start_bp)
),

-- A tier after the other is divided by what each consumer has left, by largest
-- remainder, until the last one takes the rest. Tier by tier, because divided on
-- their own the tiers would add up to a unit more or less than was used.
spread as (
    select
        tenant,
        billing_month,
        meter,
        rate_from,
        0 as tier,
        automation_id,
        owner_id,
        space_id,
        cost_center,
        base_bp - included_bp as rest_bp,
        cast(0 as hugeint) as billable_bp
    from int_usage_included
    where tier_count > 1 and base_bp > included_bp
    union all
    select
        tenant,
        billing_month,
        meter,
        rate_from,
        tier,
        automation_id,
        owner_id,
        space_id,
        cost_center,
        rest_bp
        - whole_part
        - case when place <= left_over then 1 else 0 end as rest_bp,
        whole_part + case when place <= left_over then 1 else 0 end as billable_bp
    from (
        select
            *,
            tier_bp - sum(whole_part) over (
                partition by billing_month, meter, rate_from
            ) as left_over,
            row_number() over (
                partition by billing_month, meter, rate_from
                order by
                    fraction desc,
                    cost_center asc,
                    tenant asc,
                    owner_id asc,
                    space_id asc,
                    automation_id asc
            ) as place
        from (
            select
                spread.tenant,
                spread.billing_month,
                spread.meter,
                spread.rate_from,
                spread.automation_id,
                spread.owner_id,
                spread.space_id,
                spread.cost_center,
                spread.rest_bp,
                tiers.tier,
                tiers.tier_bp,
                tiers.tier_bp * spread.rest_bp
                // sum(spread.rest_bp) over rate_sets as whole_part,
                tiers.tier_bp * spread.rest_bp
                % sum(spread.rest_bp) over rate_sets as fraction
            from spread
            inner join tiers -- ends when there is no further tier
                on
                    spread.billing_month = tiers.billing_month
                    and spread.meter = tiers.meter
                    and spread.rate_from = tiers.rate_from
                    and spread.tier + 1 = tiers.tier
            window rate_sets as (
                partition by
                    spread.billing_month, spread.meter, spread.rate_from
            )
        ) as divisions
    ) as ranked
)

select
    tenant,
    billing_month,
    meter,
    rate_from,
    tier,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    billable_bp
from spread
where tier > 0 and billable_bp > 0
