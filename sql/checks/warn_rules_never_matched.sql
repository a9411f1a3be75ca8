-- Every cost centre rule that is in force takes something.

select
    rule,
    cost_center,
    conditions,
    consumers_matched,
    status
from cost_center_rules
where status in ('never matched', 'always outranked')
