-- Which rules could take a stretch of usage, in force and matching, and which did.
-- grain: rule, tenant, period_start, automation_id, owner_id, space_id
-- conserves: nothing: rules have no quantities

with chosen as (
    select
        tenant,
        period_start,
        automation_id,
        owner_id,
        space_id,
        rule
    from int_cost_centers_assigned
    where rule is not null
    -- A rule that splits has a row for each cost centre.
    group by tenant, period_start, automation_id, owner_id, space_id, rule
)

select
    matches.rule,
    used.tenant,
    used.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id,
    matches.priority,
    chosen.rule is not null as is_chosen
from int_usage_by_period as used
inner join _rules_matched as matches -- drops usage that no rule could take
    on
        used.tenant = matches.tenant
        and used.automation_id = matches.automation_id
        and used.owner_id = matches.owner_id
        and used.space_id = matches.space_id
        and (matches.valid_from is null or used.period_start >= matches.valid_from)
        and (matches.valid_to is null or used.period_start <= matches.valid_to)
left join chosen
    on
        used.tenant = chosen.tenant
        and used.period_start = chosen.period_start
        and used.automation_id = chosen.automation_id
        and used.owner_id = chosen.owner_id
        and used.space_id = chosen.space_id
        and matches.rule = chosen.rule
