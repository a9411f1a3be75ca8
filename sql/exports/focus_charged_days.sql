-- The days on which usage of a cost centre costs anything.
-- grain: tenant, cost_center, usage_date

select
    tenant,
    cost_center,
    date as usage_date
from marts.cost_center_daily
where
    getvariable('export_by') = 'day'
    and usage_amount != 0
    and date_trunc('month', date) = getvariable('export_month')
