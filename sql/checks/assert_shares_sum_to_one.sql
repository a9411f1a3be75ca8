-- Whatever is used belongs to cost centres whose shares are a whole.

select
    tenant,
    period_start,
    automation_id,
    owner_id,
    space_id,
    sum(share_basis_points) as share_basis_points
from int_cost_centers_assigned
group by tenant, period_start, automation_id, owner_id, space_id
having sum(share_basis_points) != 10000
