-- What was used on a day, in all and by owner, space, run mode, executor, status and
-- context.
-- grain: usage_date, dimension, entity_tenant, entity_id
-- by: month of usage_date, of all tenants
-- conserves: sum(runs) per usage_date where dimension = 'total' = automation_daily
--   by date
-- conserves: sum(runs) per usage_date where dimension = 'owner' = automation_daily
--   by date

-- How an automation is started is known of it as it is now, not as of the run.
with daily as (
    select
        daily.*,
        coalesce(automations.run_mode, 'unknown') as run_mode
    from automation_daily as daily
    left join automations
        on
            daily.tenant = automations.tenant
            and daily.automation_id = automations.automation_id
),

-- '' stands for all tenants: a mode is the same in each of them.
metered as (
    select
        date as usage_date,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            when grouping(run_mode) = 0 then 'run_mode'
            else 'total'
        end as dimension,
        coalesce(tenant, '') as entity_tenant,
        coalesce(owner_id, space_id, run_mode, 'total') as entity_id,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes
    from daily
    group by
        grouping sets (
            (date),
            (date, run_mode),
            (date, tenant, owner_id),
            (date, tenant, space_id)
        )
),

-- The meter does not tell who executed a run, its status and its context; the listed
-- runs do. What they do not tell, such as bandwidth, is null by them.
listed as (
    select
        runs.date as usage_date,
        case
            when grouping(runs.executed_by_id) = 0 then 'executor'
            when grouping(runs.status) = 0 then 'status'
            else 'context'
        end as dimension,
        coalesce(runs.tenant, '') as entity_tenant,
        coalesce(runs.executed_by_id, runs.status, runs.context, 'unknown')
            as entity_id, -- one is grouped by
        count(*) as runs,
        count(*) filter (where runs.billable) as third_party_runs,
        count(*) filter (where statuses.is_failed) as failed_runs,
        sum(runs.duration_seconds) as duration_seconds
    from runs
    left join seed_statuses as statuses
        on runs.status = statuses.status
    where runs.date < getvariable('as_of')
    group by
        grouping sets (
            (runs.date, runs.tenant, runs.executed_by_id),
            (runs.date, runs.status),
            (runs.date, runs.context)
        )
)

select * -- noqa: AM07
from metered
union all by name
select *
from listed
