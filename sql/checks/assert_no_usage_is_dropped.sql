-- Whatever was metered is charged, has no price, or is corrected later.

select
    tenant,
    month,
    meter,
    metered_quantity,
    charged_quantity,
    unpriced_quantity,
    later_quantity,
    difference
from tie_out
where difference != 0
