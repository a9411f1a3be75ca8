-- Which rule takes a consumer never depends on the order of the file.

select
    rule,
    cost_center,
    priority,
    conditions,
    wins_over_rules
from cost_center_rules
where wins_over_rules is not null
