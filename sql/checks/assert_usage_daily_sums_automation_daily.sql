-- Owners and spaces have used on a day what their automations have.
-- grain: tenant, usage_date
-- by: month of usage_date

with automations_used as (
    select
        tenant,
        date as usage_date,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes
    from automation_daily
    group by tenant, date
),

owners_used as (
    select
        tenant,
        date as usage_date,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes
    from usage_daily
    group by tenant, date
)

select
    coalesce(automations_used.tenant, owners_used.tenant) as tenant,
    coalesce(automations_used.usage_date, owners_used.usage_date) as usage_date,
    automations_used.runs,
    owners_used.runs as owners_runs
from automations_used
full join owners_used
    on
        automations_used.tenant = owners_used.tenant
        and automations_used.usage_date = owners_used.usage_date
where
    automations_used.runs is distinct from owners_used.runs
    or automations_used.third_party_runs is distinct from owners_used.third_party_runs
    or automations_used.failed_runs is distinct from owners_used.failed_runs
    or automations_used.duration_seconds is distinct from owners_used.duration_seconds
    or automations_used.bandwidth_in_bytes
    is distinct from owners_used.bandwidth_in_bytes
    or automations_used.bandwidth_out_bytes
    is distinct from owners_used.bandwidth_out_bytes
