-- What was metered equals what the listed runs add up to.

select
    tenant,
    date,
    metric,
    metered,
    listed,
    difference
from reconciliation_daily
where status = 'differs'
