-- The cost centres that a stretch of usage belongs to, and the share of each.
-- grain: tenant, period_start, automation_id, owner_id, space_id, cost_center
-- conserves: sum(share_basis_points) per the grain without cost_center = 10000

-- The lowest priority number wins, then the order of the file. A rule begins and
-- ends where a period does, so that the first day of one decides for all of it.
with chosen as (
    select
        used.tenant,
        used.period_start,
        used.automation_id,
        used.owner_id,
        used.space_id,
        matches.rule
    from int_usage_by_period as used
    left join _rules_matched as matches -- keeps usage that no rule takes
        on
            used.tenant = matches.tenant
            and used.automation_id = matches.automation_id
            and used.owner_id = matches.owner_id
            and used.space_id = matches.space_id
            and (
                matches.valid_from is null
                or used.period_start >= matches.valid_from
            )
            and (matches.valid_to is null or used.period_start <= matches.valid_to)
    qualify
        row_number() over (
            partition by
                used.tenant,
                used.period_start,
                used.automation_id,
                used.owner_id,
                used.space_id
            order by matches.priority, matches.rule
        ) = 1
)

-- What no rule takes is named, and whole.
select
    chosen.tenant,
    chosen.period_start,
    chosen.automation_id,
    chosen.owner_id,
    chosen.space_id,
    coalesce(splits.cost_center, 'Unallocated') as cost_center,
    chosen.rule,
    coalesce(splits.share_basis_points, 10000) as share_basis_points
from chosen
left join finance_cost_centers as splits -- a row for each centre of the rule
    on chosen.rule = splits.rule
