-- Which rules could take the usage of a period, matching and in force, and which does.
-- grain: rule, tenant, period_start, automation_id, owner_id, space_id
-- by: month of period_start, of all tenants
-- conserves: nothing: rules and periods have no quantity

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

-- The lowest priority number wins, then the order of the file. A match begins and ends
-- where a period does, so that the first day of one decides for all of it.
select
    consumers.tenant,
    consumers.period_start,
    consumers.automation_id,
    consumers.owner_id,
    consumers.space_id,
    rules.rule,
    rules.priority,
    row_number() over (
        partition by
            consumers.tenant,
            consumers.period_start,
            consumers.automation_id,
            consumers.owner_id,
            consumers.space_id
        order by rules.priority, rules.rule
    ) = 1 as is_assigned
from consumers
inner join int_rules_met as rules -- drops what no rule could take
    on
        consumers.tenant = rules.tenant
        and consumers.automation_id = rules.automation_id
        and consumers.owner_id = rules.owner_id
        and consumers.space_id = rules.space_id
        and consumers.period_start >= rules.met_from
        and consumers.period_start < rules.met_until
        and rules.rule > 0
