-- Every value of runs that is in force matches something that was used.

select
    -lines.rule as line,
    lines.tenant as tenant_pattern,
    lines.space,
    lines.space_id,
    lines.automation,
    lines.automation_id
from finance_rules as lines
left join int_rules_met as met
    on lines.rule = met.rule
where
    lines.rule < 0
    and in_force(getvariable('as_of') - 1, lines.valid_from, lines.valid_to)
    and met.rule is null
