-- How much of a month's usage the allowance covers, for each consumer.
-- grain: tenant, billing_month, meter, rate_from, automation_id, owner_id, space_id,
--   cost_center
-- conserves: sum(base_bp) per the grain = _usage_priced
-- conserves: sum(included_bp) per billing_month, meter, rate_from = _included_pools

with included as (
    select
        tenant,
        billing_month,
        meter,
        rate_from,
        automation_id,
        owner_id,
        space_id,
        cost_center,
        sum(included_bp) as included_bp
    from _included_divided
    group by
        tenant,
        billing_month,
        meter,
        rate_from,
        automation_id,
        owner_id,
        space_id,
        cost_center
)

select
    priced.tenant,
    priced.billing_month,
    priced.meter,
    priced.rate_from,
    priced.automation_id,
    priced.owner_id,
    priced.space_id,
    priced.cost_center,
    priced.tier_count,
    priced.base_bp,
    -- A true zero: without an allowance, or where none was left, nothing is covered.
    coalesce(included.included_bp, 0) as included_bp
from _usage_priced as priced
left join included
    on
        priced.tenant = included.tenant
        and priced.billing_month = included.billing_month
        and priced.meter = included.meter
        and priced.rate_from = included.rate_from
        and priced.automation_id = included.automation_id
        and priced.owner_id = included.owner_id
        and priced.space_id = included.space_id
        and priced.cost_center = included.cost_center
