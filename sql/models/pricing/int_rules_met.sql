-- Whose usage a rule could take, and from when until when: all that it names is met. A
-- rule with a number below 0 says what runs are worth.
-- grain: rule, tenant, automation_id, owner_id, space_id, met_from
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

-- Ids are met to the letter, names while they are in force; an empty column always.
select
    consumers.tenant,
    consumers.automation_id,
    consumers.owner_id,
    consumers.space_id,
    rules.rule,
    rules.priority,
    greatest(
        cast('0001-01-01' as date),
        rules.valid_from,
        spaces.matched_from,
        owners.matched_from,
        emails.matched_from,
        automations.matched_from
    ) as met_from,
    least(
        cast('9999-12-31' as date),
        rules.valid_to + 1,
        spaces.matched_until,
        owners.matched_until,
        emails.matched_until,
        automations.matched_until
    ) as met_until
from consumers
inner join finance_rules as rules
    on
        rules.space_id in ('', consumers.space_id)
        and rules.owner_id in ('', consumers.owner_id)
        and lower(rules.automation_id) in ('', consumers.automation_id)
        and (
            rules.tenant = ''
            or as_compared(consumers.tenant) like like_pattern(rules.tenant) escape '\'
        )
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
left join _patterns_matched as emails
    on
        rules.rule = emails.rule
        and emails.kind = 'owner_email'
        and consumers.tenant = emails.tenant
        and consumers.owner_id = emails.entity_id
left join _patterns_matched as automations
    on
        rules.rule = automations.rule
        and automations.kind = 'automation'
        and consumers.tenant = automations.tenant
        and consumers.automation_id = automations.entity_id
where
    met_from < met_until
    and (
        rules.space = ''
        or spaces.rule is not null
        or (lower(rules.space) = 'personal' and consumers.space_id = '')
    )
    and (rules.owner = '' or owners.rule is not null)
    and (rules.owner_email = '' or emails.rule is not null)
    and (rules.automation = '' or automations.rule is not null)
