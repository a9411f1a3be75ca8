-- Cost centre rules: a rule is one line of the file, or several that split by percent.
-- grain: rule
-- conserves: nothing: rules have no quantities

select
    rule,
    min(priority) as priority, -- this and the rest are the same on all its lines
    min(tenant) as tenant,
    min(space) as space,
    min(owner) as owner,
    min(automation) as automation,
    min(valid_from) as valid_from,
    min(valid_to) as valid_to
from finance_cost_centers
group by rule
