-- What was metered equals what the listed runs add up to.
-- grain: tenant, date, metric
-- by: month of date, of all tenants

select
    tenant,
    date,
    metric,
    metered,
    listed,
    difference
from reconciliation_daily
where status = 'differs'
