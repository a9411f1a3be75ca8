-- Which rules could take the usage of a period, matching and in force, and which does.
-- grain: rule, tenant, period_start, automation_id, owner_id, space_id
-- conserves: nothing: rules and periods have no quantity

with consumers as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        list(distinct period_start) as period_starts
    from int_usage_by_period
    group by tenant, automation_id, owner_id, space_id
),

-- A row where each pattern that a rule has is met; an empty pattern always is.
matches as (
    select
        consumers.*,
        rules.rule,
        rules.priority,
        rules.valid_from,
        rules.valid_to
    from consumers
    cross join _cost_center_rules as rules
    left join _patterns_matched as tenants
        on
            rules.rule = tenants.rule
            and tenants.kind = 'tenant'
            and consumers.tenant = tenants.tenant
    left join _patterns_matched as spaces
        on
            rules.rule = spaces.rule
            and spaces.kind = 'space'
            and consumers.tenant = spaces.tenant
            and consumers.space_id = spaces.entity_id
    left join _patterns_matched as owners
        on
            rules.rule = owners.rule
            and owners.kind = 'owner'
            and consumers.tenant = owners.tenant
            and consumers.owner_id = owners.entity_id
    left join _patterns_matched as automations
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
)

-- The lowest priority number wins, then the order of the file. A rule begins and ends
-- where a period does, so that the first day of one decides for all of it.
select
    matches.tenant,
    periods.period_start,
    matches.automation_id,
    matches.owner_id,
    matches.space_id,
    matches.rule,
    matches.priority,
    row_number() over (
        partition by
            matches.tenant,
            periods.period_start,
            matches.automation_id,
            matches.owner_id,
            matches.space_id
        order by matches.priority, matches.rule
    ) = 1 as is_assigned
from matches
cross join unnest(matches.period_starts) as periods (period_start)
where in_force(periods.period_start, matches.valid_from, matches.valid_to)
