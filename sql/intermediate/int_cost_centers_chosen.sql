-- The cost centres that a stretch of usage belongs to, and the share of each.
-- grain: tenant, period_start, automation_id, owner_id, space_id, cost_center
-- conserves: sum(share_basis_points) per the rest of the grain = 10000

with consumers as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id
    from int_usage_by_period
    group by tenant, automation_id, owner_id, space_id
),

-- A row where each pattern that a rule has is met; an empty pattern always is.
matches as (
    select
        consumers.tenant,
        consumers.automation_id,
        consumers.owner_id,
        consumers.space_id,
        rules.rule,
        rules.priority,
        rules.valid_from,
        rules.valid_to
    from consumers
    cross join int_cost_center_rules as rules
    left join int_patterns_matched as tenants
        on
            rules.rule = tenants.rule
            and tenants.kind = 'tenant'
            and consumers.tenant = tenants.tenant
    left join int_patterns_matched as spaces
        on
            rules.rule = spaces.rule
            and spaces.kind = 'space'
            and consumers.tenant = spaces.tenant
            and consumers.space_id = spaces.entity_id
    left join int_patterns_matched as owners
        on
            rules.rule = owners.rule
            and owners.kind = 'owner'
            and consumers.tenant = owners.tenant
            and consumers.owner_id = owners.entity_id
    left join int_patterns_matched as automations
        on
            rules.rule = automations.rule
            and automations.kind = 'automation'
            and consumers.tenant = automations.tenant
            and consumers.automation_id = automations.entity_id
    where
        (rules.tenant = '' or tenants.rule is not null)
        and (rules.space = '' or spaces.rule is not null)
        and (rules.owner = '' or owners.rule is not null)
        and (rules.automation = '' or automations.rule is not null)
),

-- The lowest priority number wins, then the order of the file. A rule begins and
-- ends where a period does, so that the first day of one decides for all of it.
chosen as (
    select
        used.tenant,
        used.period_start,
        used.automation_id,
        used.owner_id,
        used.space_id,
        matches.rule
    from int_usage_by_period as used
    left join matches -- keeps usage that no rule takes
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
left join seed_cost_centers as splits -- a row for each centre of the rule
    on chosen.rule = splits.rule
