-- Listed runs of an automation on their metering day, by owner and space.
-- grain: tenant, usage_date, automation_id, owner_id, space_id
-- conserves: sum(listed_runs), sum(listed_seconds) per tenant, usage_date,
--   automation_id = sum(1), sum(duration_seconds) of int_runs_owned by tenant,
--   run_date, automation_id where is_metered

select
    runs.tenant,
    runs.run_date as usage_date,
    runs.automation_id,
    runs.owner_id,
    runs.space_id,
    count(*) as listed_runs,
    count(*) filter (where runs.is_failed) as failed_runs,
    count(*) filter (where runs.is_third_party is null) as unknown_billing_runs,
    -- Unknown, not 0, where no run says whether it is a third-party run.
    case
        when count(runs.is_third_party) > 0
            then count(*) filter (where runs.is_third_party)
    end as third_party_runs,
    cast(sum(runs.duration_seconds) as bigint) as listed_seconds,
    -- Unknown, not 0, where no run tells its calls: most tenants tell of none.
    cast(sum(metrics.api_calls) as bigint) as api_calls,
    count(*) - count(metrics.api_calls) as unknown_call_runs,
    count(*) over (
        partition by runs.tenant, runs.run_date, runs.automation_id
    ) as part_count
from int_runs_owned as runs
left join stg_run_metrics as metrics -- a row for each run, at most
    on
        runs.tenant = metrics.tenant
        and runs.run_id = metrics.run_id
where runs.is_metered
group by
    runs.tenant,
    runs.run_date,
    runs.automation_id,
    runs.owner_id,
    runs.space_id
