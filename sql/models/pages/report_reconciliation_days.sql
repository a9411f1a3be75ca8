-- Metered usage against listed runs: each day of a month and those that differ before.
-- grain: tenant, date, metric

-- Of those that differ, the last hundred are shown.
select
    tenant,
    date,
    metric,
    metered,
    listed,
    difference,
    status
from reconciliation_daily
qualify
    date >= getvariable('as_of') - interval 31 day
    or (
        status != 'equal'
        and row_number()
            over (
                partition by status = 'equal'
                order by date desc, tenant asc, metric asc
            )
        <= 100
    )
