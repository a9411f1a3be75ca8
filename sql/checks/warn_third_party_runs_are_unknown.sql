-- Of every run it is known whether it was a third-party run.

select
    tenant,
    month,
    runs,
    unknown_billing_runs
from tenant_monthly
where unknown_billing_runs > 0
