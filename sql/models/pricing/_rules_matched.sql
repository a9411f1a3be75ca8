-- Which cost centre rules match whom, whichever of them wins, and whenever they hold.
-- grain: tenant, automation_id, owner_id, space_id, rule
-- conserves: nothing: rules have no quantities

with consumers as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id
    from int_usage_by_period
    group by tenant, automation_id, owner_id, space_id
)

-- A row where each pattern that a rule has is met; an empty pattern always is.
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
