-- What was used on a day, in all and by owner, space, run mode, executor, status and
-- context.
-- grain: usage_date, dimension, entity_tenant, entity_id
-- conserves: sum(runs) per usage_date where dimension = 'total' = automation_daily
--   by date where date >= date_trunc('month', getvariable('as_of')) - interval 12 month
-- conserves: sum(runs) per usage_date where dimension = 'owner' = automation_daily
--   by date where date >= date_trunc('month', getvariable('as_of')) - interval 12 month

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
    where
        daily.date
        >= date_trunc('month', getvariable('as_of')) - interval 12 month
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
        case when grouping(tenant) = 0 then tenant else '' end as entity_tenant,
        case
            when grouping(owner_id) = 0 then owner_id
            when grouping(space_id) = 0 then space_id
            when grouping(run_mode) = 0 then run_mode
            else 'total'
        end as entity_id,
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
-- runs do, without bandwidth.
listed as (
    select
        runs.date as usage_date,
        case
            when grouping(runs.executed_by_id) = 0 then 'executor'
            when grouping(runs.status) = 0 then 'status'
            else 'context'
        end as dimension,
        case
            when grouping(runs.tenant) = 0 then runs.tenant
            else ''
        end as entity_tenant,
        coalesce(
            case
                when grouping(runs.executed_by_id) = 0 then runs.executed_by_id
                when grouping(runs.status) = 0 then runs.status
                else runs.context
            end,
            'unknown'
        ) as entity_id,
        count(*) as runs,
        count(*) filter (where runs.billable) as third_party_runs,
        count(*) filter (where statuses.is_failed) as failed_runs,
        sum(runs.duration_seconds) as duration_seconds,
        null as bandwidth_in_bytes,
        null as bandwidth_out_bytes
    from runs
    left join seed_statuses as statuses
        on runs.status = statuses.status
    where
        runs.date
        >= date_trunc('month', getvariable('as_of')) - interval 12 month
        and runs.date < getvariable('as_of')
    group by
        grouping sets (
            (runs.date, runs.tenant, runs.executed_by_id),
            (runs.date, runs.status),
            (runs.date, runs.context)
        )
)

select
    usage_date,
    dimension,
    entity_tenant,
    entity_id,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes
from metered
union all
select
    usage_date,
    dimension,
    entity_tenant,
    entity_id,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes
from listed
