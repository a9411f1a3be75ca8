-- What cost centres are called, and the address of the owner of each that has one.
-- grain: cost_center
-- conserves: nothing: it lists cost centres

select
    cost_center,
    code,
    label,
    owner_email
from marts.cost_centers
order by cost_center
