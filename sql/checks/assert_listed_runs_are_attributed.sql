-- Every listed run of a complete day is in the figures of its owner and space.

with listed as (
    select
        tenant,
        run_date,
        automation_id,
        owner_id,
        space_id,
        count(*) filter (where is_failed) as failed_runs
    from int_runs_owned
    where is_metered and run_date < getvariable('as_of')
    group by tenant, run_date, automation_id, owner_id, space_id
)

select
    listed.tenant,
    listed.run_date,
    listed.automation_id,
    listed.owner_id,
    listed.space_id,
    listed.failed_runs,
    daily.failed_runs as attributed_failed_runs
from listed
left join automation_daily as daily
    on
        listed.tenant = daily.tenant
        and listed.run_date = daily.date
        and listed.automation_id = daily.automation_id
        and listed.owner_id = daily.owner_id
        and listed.space_id = daily.space_id
where listed.failed_runs is distinct from daily.failed_runs
