-- A month's usage by tier of its rate set, with what of it is included and billable.
-- grain: tenant, billing_month, meter, rate_from, tier, automation_id, owner_id,
--   space_id, cost_center
-- conserves: sum(included_bp), sum(billable_bp) per the grain without tier =
--   sum(included_bp), sum(base_bp - included_bp) of int_usage_included

-- What is included is priced, and taken off again, at the price of the first tier.
with parts as (
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
        cast(0 as hugeint) as included_bp,
        billable_bp
    from _usage_spread
    union all
    select
        tenant,
        billing_month,
        meter,
        rate_from,
        1 as tier,
        automation_id,
        owner_id,
        space_id,
        cost_center,
        included_bp,
        cast(0 as hugeint) as billable_bp
    from int_usage_included
    where tier_count > 1 and included_bp > 0
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
    cast(sum(included_bp) as hugeint) as included_bp,
    cast(sum(billable_bp) as hugeint) as billable_bp
from parts
group by
    tenant,
    billing_month,
    meter,
    rate_from,
    tier,
    automation_id,
    owner_id,
    space_id,
    cost_center
union all
-- Where there is one tier, all is in it.
select
    tenant,
    billing_month,
    meter,
    rate_from,
    1 as tier,
    automation_id,
    owner_id,
    space_id,
    cost_center,
    included_bp,
    base_bp - included_bp as billable_bp
from int_usage_included
where tier_count = 1
