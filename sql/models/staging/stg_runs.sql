-- Automation runs, each with its day and seconds; the newest record of a run wins.
-- Those of days before the tenant's first one are left out.
-- grain: tenant, run_id
-- by: month of coalesce(started_at, created_at), not kept

-- Hardly any run has two records: the others need not be sorted.
with records as (
    select
        raw_runs.*,
        1 as record_number
    from raw_runs
    left join raw_repeated_runs as repeated
        on
            raw_runs.tenant = repeated.tenant
            and raw_runs.run_id = repeated.run_id
    where repeated.run_id is null
    union all
    select
        raw_runs.*,
        row_number() over (
            partition by raw_runs.tenant, raw_runs.run_id
            order by raw_runs.updated_at desc nulls last, raw_runs.date desc
        ) as record_number
    from raw_runs
    inner join raw_repeated_runs as repeated -- drops single records
        on
            raw_runs.tenant = repeated.tenant
            and raw_runs.run_id = repeated.run_id
),

newest as (
    select
        tenant,
        date as kept_on,
        run_id,
        automation_id,
        space_id,
        nullif(owner_id, '') as listed_owner_id,
        nullif(executed_by_id, '') as executed_by_id,
        status as run_status,
        error as run_error,
        context as run_context,
        billable as is_third_party,
        is_test,
        duration_seconds as stated_seconds,
        at_utc(created_at) as created_at,
        at_utc(started_at) as started_at,
        at_utc(stopped_at) as stopped_at,
        at_utc(updated_at) as updated_at
    from records
    where record_number = 1
)

select
    newest.tenant,
    newest.run_id,
    newest.automation_id,
    newest.space_id,
    newest.listed_owner_id,
    newest.executed_by_id,
    newest.run_status,
    newest.run_error,
    newest.run_context,
    newest.is_third_party,
    newest.is_test,
    newest.created_at,
    newest.started_at,
    newest.stopped_at,
    -- A status that is not known is not final.
    newest.stopped_at is not null or coalesce(statuses.is_final, false) as has_ended,
    -- When it no longer waited for its start. A run that never starts waits until it
    -- ends, at its last change at the latest; null while it waits.
    coalesce(
        newest.started_at, newest.stopped_at,
        case when has_ended then coalesce(newest.updated_at, newest.created_at) end
    ) as left_queue_at,
    -- The UTC day of its start; of its creation if it never started.
    cast(coalesce(newest.started_at, newest.created_at) as date) as run_date,
    -- Elapsed whole seconds; a clock that went back gives 0, not a credit.
    case
        when newest.stopped_at < newest.started_at then 0
        when newest.stopped_at >= newest.started_at
            then date_sub('second', newest.started_at, newest.stopped_at)
        else newest.stated_seconds
    end as duration_seconds
from newest
-- It has a status once.
left join seed_statuses as statuses on newest.run_status = statuses.status
where
    coalesce(
        cast(coalesce(newest.started_at, newest.created_at, newest.kept_on) as date)
        >= first_day_of(newest.tenant),
        true -- a run without any time
    )
