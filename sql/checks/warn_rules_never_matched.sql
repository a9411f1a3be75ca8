-- Every cost centre rule that is in force takes something.

select
    line,
    cost_center,
    conditions,
    status
from cost_center_rules
where
    status in ('never matched', 'always outranked')
    -- Before the first run there was nothing to take.
    and exists (select 1 from tenant_monthly)
