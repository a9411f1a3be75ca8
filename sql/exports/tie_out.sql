-- What was metered in a month, what is charged of it, and every difference between.
-- grain: tenant, month, meter

select
    tenant,
    month,
    meter,
    metered_quantity,
    charged_quantity,
    unallocated_quantity,
    unpriced_quantity,
    unknown_runs,
    difference,
    exact_amount,
    billed_amount,
    rounding_difference,
    provider_quantity,
    provider_difference,
    tolerance_quantity,
    status
from marts.tie_out
where month = getvariable('export_month')
order by tenant, meter
