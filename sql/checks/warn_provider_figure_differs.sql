-- The provider counted what we did, within the tolerance.

select
    tenant,
    month,
    meter,
    metered_quantity,
    provider_date,
    provider_quantity,
    provider_difference,
    tolerance_quantity
from tie_out
where status = 'beyond'
