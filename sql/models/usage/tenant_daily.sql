-- What a tenant used on each day, also on those that were not read.
-- grain: tenant, date
-- by: month of date, of all tenants
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes), sum(unlisted_runs),
--   sum(unknown_billing_runs), sum(unmetered_runs) per tenant, date = automation_daily
-- conserves: sum(runs_by_listing + runs_by_snapshot + runs_by_current_owner)
--   per tenant, date = sum(runs) of automation_daily

with used as (
    select
        tenant,
        date as usage_date,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs,
        sum(runs) filter (where attribution = 'runs') as runs_by_listing,
        sum(runs) filter (where attribution = 'snapshot') as runs_by_snapshot,
        sum(runs) filter (
            where attribution = 'current_owner'
        ) as runs_by_current_owner
    from automation_daily
    group by tenant, date
),

due as (
    select
        tenant,
        date as due_date,
        status
    from coverage
    where
        source = 'usage'
        and date < getvariable('as_of')
),

due_days as (
    select
        coalesce(due.tenant, used.tenant) as tenant,
        coalesce(due.due_date, used.usage_date) as due_date,
        coalesce(due.status, 'missing') as status,
        -- A day that was read and has no usage is one of 0 runs.
        used.tenant is null and due.status in ('complete', 'partial') as is_idle,
        used.* exclude (tenant, usage_date) -- noqa: RF02
    from due
    full join used
        on
            due.tenant = used.tenant
            and due.due_date = used.usage_date
)

select
    tenant,
    due_date as date,
    status,
    case when is_idle then 0 else runs end as runs,
    case when is_idle then 0 else third_party_runs end as third_party_runs,
    case when is_idle then 0 else failed_runs end as failed_runs,
    case when is_idle then 0 else duration_seconds end as duration_seconds,
    case when is_idle then 0 else bandwidth_in_bytes end as bandwidth_in_bytes,
    case when is_idle then 0 else bandwidth_out_bytes end as bandwidth_out_bytes,
    -- Counts, not quantities: 0 on a day without a row.
    coalesce(unlisted_runs, 0) as unlisted_runs,
    coalesce(unknown_billing_runs, 0) as unknown_billing_runs,
    coalesce(unmetered_runs, 0) as unmetered_runs,
    coalesce(runs_by_listing, 0) as runs_by_listing,
    coalesce(runs_by_snapshot, 0) as runs_by_snapshot,
    coalesce(runs_by_current_owner, 0) as runs_by_current_owner
from due_days
