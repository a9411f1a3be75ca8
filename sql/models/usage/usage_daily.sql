-- What each owner used in each space on a day.
-- grain: tenant, date, owner_id, space_id
-- by: month of date
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes), sum(unlisted_runs),
--   sum(unknown_billing_runs), sum(unmetered_runs) per tenant, date = automation_daily

select
    tenant,
    date,
    owner_id,
    space_id,
    sum(runs) as runs,
    sum(third_party_runs) as third_party_runs,
    sum(failed_runs) as failed_runs,
    sum(duration_seconds) as duration_seconds,
    sum(bandwidth_in_bytes) as bandwidth_in_bytes,
    sum(bandwidth_out_bytes) as bandwidth_out_bytes,
    sum(unlisted_runs) as unlisted_runs,
    sum(unknown_billing_runs) as unknown_billing_runs,
    sum(unmetered_runs) as unmetered_runs
from automation_daily
group by tenant, date, owner_id, space_id
