-- Every cost centre rule that is in force takes something.

select
    line,
    cost_center,
    conditions,
    status
from cost_center_rules
where status in ('never matched', 'always outranked')
