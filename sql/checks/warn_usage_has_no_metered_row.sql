-- Every listed run of a complete day was metered too.

select
    tenant,
    month,
    runs,
    unmetered_runs
from tenant_monthly
where unmetered_runs > 0
