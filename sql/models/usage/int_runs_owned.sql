-- Runs with their owner, their metering day and how long they took.
-- grain: tenant, run_id
-- conserves: sum(1), sum(cast(is_third_party as int)) per tenant, automation_id =
--   stg_runs

-- A run is metered on the UTC day of its start, once it has ended; one that never
-- started is not metered, and takes its owner as of the day it was created.
with dated_runs as (
    select
        listed.tenant,
        listed.run_id,
        listed.automation_id,
        listed.space_id,
        listed.listed_owner_id,
        listed.executed_by_id,
        listed.run_status,
        listed.run_error,
        listed.run_context,
        listed.is_third_party,
        listed.is_test,
        listed.created_at,
        listed.started_at,
        listed.stopped_at,
        cast(coalesce(listed.started_at, listed.created_at) as date) as run_date,
        -- A status that is not known is neither final nor failed.
        listed.stopped_at is not null
        or coalesce(statuses.is_final, false) as has_ended,
        coalesce(statuses.is_failed, false) as is_failed,
        listed.started_at is not null and has_ended as is_metered,
        -- One that never starts waits until it ended, at its last change at the latest;
        -- where nothing tells when, it is not said to have waited.
        coalesce(
            listed.started_at,
            listed.stopped_at,
            case
                when has_ended then coalesce(listed.updated_at, listed.created_at)
            end
        ) as left_queue_at,
        -- Elapsed whole seconds; a clock that went back gives 0, not a credit.
        case
            when listed.stopped_at < listed.started_at then 0
            else
                coalesce(
                    date_sub('second', listed.started_at, listed.stopped_at),
                    listed.stated_seconds
                )
        end as duration_seconds
    from stg_runs as listed
    left join seed_statuses as statuses -- adds a row to none: a status is there once
        on listed.run_status = statuses.status
)

-- Both joins keep every run: they look for an owner where the run names none.
select
    runs.tenant,
    runs.run_id,
    runs.automation_id,
    coalesce(
        runs.listed_owner_id,
        versions.listed_owner_id,
        usage_days.current_owner_id,
        'unknown'
    ) as owner_id,
    runs.space_id,
    runs.executed_by_id,
    runs.run_status,
    runs.is_failed,
    runs.run_error,
    runs.run_context,
    runs.is_third_party,
    runs.is_test,
    runs.created_at,
    runs.started_at,
    runs.stopped_at,
    runs.left_queue_at,
    runs.run_date,
    runs.is_metered,
    runs.duration_seconds
from dated_runs as runs
left join int_automation_versions as versions
    on
        runs.listed_owner_id is null
        and runs.tenant = versions.tenant
        and runs.automation_id = versions.automation_id
        and runs.run_date >= versions.attributed_from
        and runs.run_date < versions.attributed_until
left join int_usage_days as usage_days
    on
        runs.listed_owner_id is null
        and runs.tenant = usage_days.tenant
        and runs.automation_id = usage_days.automation_id
        and runs.run_date = usage_days.usage_date
