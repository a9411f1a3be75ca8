-- Every listed run of a complete day is in the figures of its owner and space.
-- grain: tenant, date, automation_id, owner_id, space_id
-- by: month of date

with listed as (
    select
        runs.tenant,
        runs.date,
        runs.automation_id,
        runs.owner_id,
        runs.space_id,
        count(*) filter (where statuses.is_failed) as failed_runs,
        count(*) filter (where statuses.is_successful) as successful_runs
    from runs
    left join seed_statuses as statuses
        on runs.status = statuses.status
    where runs.date < getvariable('as_of')
    group by
        runs.tenant, runs.date, runs.automation_id, runs.owner_id, runs.space_id
)

select
    listed.tenant,
    listed.date,
    listed.automation_id,
    listed.owner_id,
    listed.space_id,
    listed.failed_runs,
    daily.failed_runs as attributed_failed_runs,
    listed.successful_runs,
    daily.successful_runs as attributed_successful_runs
from listed
left join automation_daily as daily
    on
        listed.tenant = daily.tenant
        and listed.date = daily.date
        and listed.automation_id = daily.automation_id
        and listed.owner_id = daily.owner_id
        and listed.space_id = daily.space_id
where
    listed.failed_runs is distinct from daily.failed_runs
    or listed.successful_runs is distinct from daily.successful_runs
