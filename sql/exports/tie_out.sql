-- What was metered in a month, what is charged of it, and every difference between.
-- grain: tenant, month, meter

select
    tenant,
    month,
    meter,
    unit,
    metered_quantity,
    charged_quantity,
    unallocated_quantity,
    unpriced_quantity,
    later_quantity,
    difference,
    unknown_runs,
    exact_amount,
    billed_amount,
    rounding_difference,
    currency,
    provider_date,
    provider_quantity,
    provider_difference,
    tolerance_quantity,
    status
from marts.tie_out
where month = getvariable('export_month')
order by tenant, meter
