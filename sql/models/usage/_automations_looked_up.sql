-- The automations of which a month asks what snapshots say: those that were metered, or
-- of which a run names no owner.
-- grain: tenant, month, automation_id
-- by: month of month
-- conserves: nothing: it has no quantities

select
    tenant,
    cast(date_trunc('month', usage_date) as date) as month,
    automation_id
from stg_usage
union
select
    tenant,
    coalesce(
        cast(date_trunc('month', coalesce(started_at, created_at)) as date),
        cast('0001-01-01' as date)
    ) as month,
    automation_id
from stg_runs
where listed_owner_id is null
