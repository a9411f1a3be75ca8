-- What a cost centre is called as of a month, and what is below it, over all tenants.
-- grain: month, cost_center
-- conserves: sum(total_amount) per the grain = marts.cost_center_rollup

select
    month,
    cost_center,
    max(label) as label, -- they are the same, but where tenants closed apart
    sum(below_amount) as below_amount,
    sum(total_amount) as total_amount
from marts.cost_center_rollup
group by month, cost_center
order by month, cost_center
