-- The cost centres that a period's usage belongs to, and the share of each.
-- grain: tenant, period_start, automation_id, owner_id, space_id, cost_center
-- by: month of period_start, of all tenants
-- conserves: sum(share_basis_points) per the grain without cost_center = 10000

with consumers as (
    select
        tenant,
        period_start,
        automation_id,
        owner_id,
        space_id
    from int_usage_by_period
    group by tenant, period_start, automation_id, owner_id, space_id
)

-- What no rule takes is named, and whole.
select
    consumers.tenant,
    consumers.period_start,
    consumers.automation_id,
    consumers.owner_id,
    consumers.space_id,
    coalesce(splits.cost_center, 'Unallocated') as cost_center,
    matches.rule,
    coalesce(splits.share_basis_points, 10000) as share_basis_points
from consumers
left join int_rules_matched as matches -- keeps usage that no rule takes
    on
        consumers.tenant = matches.tenant
        and consumers.period_start = matches.period_start
        and consumers.automation_id = matches.automation_id
        and consumers.owner_id = matches.owner_id
        and consumers.space_id = matches.space_id
        and matches.is_assigned
left join finance_cost_centers as splits -- a row for each centre of the rule
    on matches.rule = splits.rule
