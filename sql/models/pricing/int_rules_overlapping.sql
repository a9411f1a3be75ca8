-- Rules of one priority that could take the same usage: the first in the file does.
-- grain: rule, other_rule
-- conserves: nothing: rules have no quantities

select
    held.rule,
    rivals.rule as other_rule
from int_rules_matched_periods as held
inner join int_rules_matched_periods as rivals -- drops what one rule alone could take
    on
        held.tenant = rivals.tenant
        and held.period_start = rivals.period_start
        and held.automation_id = rivals.automation_id
        and held.owner_id = rivals.owner_id
        and held.space_id = rivals.space_id
        and held.priority = rivals.priority
        and held.rule != rivals.rule
group by held.rule, rivals.rule
