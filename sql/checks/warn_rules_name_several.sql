-- The name that a cost centre rule states is that of one space, owner or automation.

with stated as (
    select
        rule,
        cost_center,
        named_column,
        stated_name
    from cost_center_rules
    unpivot (
        stated_name for named_column in (space, owner, owner_email, automation)
    )
    where
        line = rule
        and stated_name != ''
        and not contains(stated_name, '*')
        and not (named_column = 'space' and lower(stated_name) = 'personal')
),

-- A name that changes begins or ends a period: what matches in one matches at once.
taken as (
    select
        stated.rule,
        stated.cost_center,
        stated.named_column,
        stated.stated_name,
        matches.tenant,
        matches.period_start,
        count(
            distinct case stated.named_column
                when 'space' then matches.space_id
                when 'automation' then matches.automation_id
                else matches.owner_id
            end
        ) as carriers
    from stated
    inner join int_rules_matched as matches -- drops rules that take nothing
        on
            stated.rule = matches.rule
            and matches.is_assigned
    group by
        stated.rule,
        stated.cost_center,
        stated.named_column,
        stated.stated_name,
        matches.tenant,
        matches.period_start
)

select
    rule,
    cost_center,
    named_column,
    stated_name,
    tenant,
    min(period_start) as first_period_start,
    max(carriers) as carriers
from taken
where carriers > 1
group by rule, cost_center, named_column, stated_name, tenant
