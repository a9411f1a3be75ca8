-- The parts of each automation-day: a part is what one owner used in one space.
-- grain: tenant, usage_date, automation_id, owner_id, space_id
-- conserves: sum(listed_runs), sum(listed_seconds), sum(api_calls) per tenant,
--   usage_date, automation_id = _runs_grouped

-- The full join keeps what only one of the two sources knows of a day.
with automation_days as (
    select
        coalesce(usage_days.tenant, runs.tenant) as tenant,
        coalesce(usage_days.usage_date, runs.usage_date) as usage_date,
        coalesce(usage_days.automation_id, runs.automation_id) as automation_id,
        runs.owner_id,
        runs.space_id,
        runs.part_count,
        runs.listed_runs,
        runs.failed_runs,
        runs.third_party_runs,
        runs.unknown_billing_runs,
        runs.listed_seconds,
        runs.api_calls,
        runs.unknown_call_runs,
        usage_days.current_owner_id,
        usage_days.tenant is not null as is_metered
    from int_usage_days as usage_days
    full join _runs_grouped as runs
        on
            usage_days.tenant = runs.tenant
            and usage_days.usage_date = runs.usage_date
            and usage_days.automation_id = runs.automation_id
)

-- The versions of an automation share out all days between them, so that the join
-- finds one row where it was ever in a snapshot, else none; it drops nothing.
select
    known.tenant,
    known.usage_date,
    known.automation_id,
    coalesce(
        known.owner_id, versions.listed_owner_id, known.current_owner_id, 'unknown'
    ) as owner_id,
    coalesce(known.space_id, versions.space_id, 'unknown') as space_id,
    row_number() over (
        order by
            known.tenant,
            known.usage_date,
            known.automation_id,
            known.owner_id,
            known.space_id
    ) as part_id, -- a short name of all of these
    case
        when known.listed_runs is not null then 'runs'
        when versions.tenant is not null then 'snapshot'
        else 'current_owner'
    end as attribution,
    case when known.is_metered then 'usage' else 'runs' end as source,
    coalesce(known.part_count, 1) as part_count,
    known.listed_runs,
    known.failed_runs,
    known.third_party_runs,
    known.unknown_billing_runs,
    known.listed_seconds,
    known.api_calls,
    known.unknown_call_runs
from automation_days as known
left join int_automation_versions as versions
    on
        known.listed_runs is null
        and known.tenant = versions.tenant
        and known.automation_id = versions.automation_id
        and known.usage_date >= versions.attributed_from
        and known.usage_date < versions.attributed_until
