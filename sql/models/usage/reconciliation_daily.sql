-- What was metered of a day, and what its listed runs sum up to.
-- grain: tenant, date, metric
-- by: month of date, of all tenants
-- conserves: sum(metered) per tenant, date, metric = sum(measured) of stg_usage
--   by tenant, usage_date, measure where measure in ('runs', 'duration_seconds')
--   and usage_date < getvariable('as_of') and (tenant, usage_date) in (
--   select (tenant, date) from coverage where source = 'usage' and status != 'missing')
-- conserves: sum(listed) per tenant, date where metric = 'runs' = sum(1) of runs
--   by tenant, date where date < getvariable('as_of') and (tenant, date) in (
--   select (tenant, date) from coverage where source = 'runs' and status != 'missing')

with metered as (
    select
        tenant,
        usage_date,
        sum(measured) filter (where measure = 'runs') as runs,
        sum(measured) filter (where measure = 'duration_seconds') as duration_seconds
    from stg_usage
    group by tenant, usage_date
),

listed as (
    select
        tenant,
        usage_date,
        sum(listed_runs) as runs,
        sum(listed_seconds) as duration_seconds
    from int_usage_attributed
    group by tenant, usage_date
),

-- Days of which at least one of the two sources was read.
read_days as (
    select
        tenant,
        date as read_date,
        bool_or(source = 'usage') as is_usage_read,
        bool_or(source = 'runs') as is_runs_read
    from coverage
    where
        source in ('usage', 'runs')
        and status != 'missing'
        and date < getvariable('as_of')
    group by tenant, date
),

-- 0 where the day was read and nothing was there; null where it was not read.
compared as (
    select
        read_days.tenant,
        read_days.read_date,
        metrics.metric,
        case
            when not read_days.is_usage_read then null
            when metrics.metric = 'runs' then coalesce(metered.runs, 0)
            else coalesce(metered.duration_seconds, 0)
        end as metered,
        case
            when not read_days.is_runs_read then null
            when metrics.metric = 'runs' then coalesce(listed.runs, 0)
            else coalesce(listed.duration_seconds, 0)
        end as listed
    from read_days
    cross join (values ('runs'), ('duration_seconds')) as metrics (metric)
    left join metered
        on
            read_days.tenant = metered.tenant
            and read_days.read_date = metered.usage_date
    left join listed
        on
            read_days.tenant = listed.tenant
            and read_days.read_date = listed.usage_date
)

select
    tenant,
    read_date as date,
    metric,
    metered,
    listed,
    metered - listed as difference,
    case
        when metered is null then 'not_metered'
        when listed is null then 'not_listed'
        when metered = listed then 'equal'
        else 'differs'
    end as status
from compared
