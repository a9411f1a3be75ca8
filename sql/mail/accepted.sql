-- The months that were closed though not all of their days had been read, and why.
-- grain: month, tenant

select
    month,
    tenant,
    usage_days,
    runs_days,
    days_in_month,
    reason
from marts.closed_months
where reason is not null and least(usage_days, runs_days) < days_in_month
order by month, tenant
