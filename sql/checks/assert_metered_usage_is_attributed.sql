-- What was metered on a complete day is attributed once, to the unit.
-- grain: tenant, usage_date, measure
-- by: month of usage_date

with metered as (
    select
        tenant,
        usage_date,
        measure,
        sum(measured) as quantity
    from stg_usage
    where usage_date < getvariable('as_of')
    group by tenant, usage_date, measure
),

attributed as (
    select
        tenant,
        date as usage_date,
        sum(runs) as runs,
        sum(scheduled_runs) as scheduled_runs,
        sum(triggered_runs) as triggered_runs,
        sum(webhook_runs) as webhook_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes
    from automation_daily
    where source = 'usage'
    group by tenant, date
),

compared as (
    select
        metered.tenant,
        metered.usage_date,
        metered.measure,
        metered.quantity,
        case metered.measure
            when 'runs' then attributed.runs
            when 'scheduled_runs' then attributed.scheduled_runs
            when 'triggered_runs' then attributed.triggered_runs
            when 'webhook_runs' then attributed.webhook_runs
            when 'duration_seconds' then attributed.duration_seconds
            when 'bandwidth_in_bytes' then attributed.bandwidth_in_bytes
            when 'bandwidth_out_bytes' then attributed.bandwidth_out_bytes
            else metered.quantity -- a metric that is new to us is not attributed
        end as attributed_quantity
    from metered
    left join attributed
        on
            metered.tenant = attributed.tenant
            and metered.usage_date = attributed.usage_date
)

select
    tenant,
    usage_date,
    measure,
    quantity,
    attributed_quantity
from compared
where quantity is distinct from attributed_quantity
