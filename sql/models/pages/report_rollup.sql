-- A cost centre's month over all tenants, with all that is below it.
-- grain: month, cost_center
-- conserves: sum(amount), sum(total_amount) per the grain = cost_center_rollup

with sums as (
    select
        month as billing_month,
        cost_center,
        max(label) as label, -- they are the same, but where tenants closed apart
        max(parent) as parent,
        max(hierarchy_level) as hierarchy_level,
        max(string_split(hierarchy_path, ' / ')) as path_names,
        to_amount(sum(amount)) as amount,
        to_amount(sum(below_amount)) as below_amount,
        to_amount(sum(total_amount)) as total_amount
    from cost_center_rollup
    group by month, cost_center
)

select
    billing_month as month,
    cost_center,
    label,
    parent,
    hierarchy_level,
    max(hierarchy_level) over (partition by billing_month) > 1 as has_hierarchy,
    row_number() over (
        partition by billing_month
        order by cost_center != 'Unallocated', path_names, cost_center
    ) as position,
    amount,
    below_amount,
    total_amount
from sums
