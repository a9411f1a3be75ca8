-- Automations with runs of the last 30 days near or over the limit of their run time.
-- grain: position

with counted as (
    select
        tenant,
        automation_id,
        context,
        limit_seconds,
        count(*) as runs,
        count(*) filter (where is_near_limit or is_stopped_by_limit) as near_runs,
        count(*) filter (where is_stopped_by_limit) as stopped_runs,
        max(duration_seconds) as longest_seconds,
        max(started_at) filter (
            where is_near_limit or is_stopped_by_limit
        ) as last_near_at
    from _runs_recent
    group by tenant, automation_id, context, limit_seconds
    having count(*) filter (where is_near_limit or is_stopped_by_limit) > 0
),

ranked as (
    select
        counted.*,
        row_number() over (
            order by
                counted.stopped_runs desc,
                counted.near_runs desc,
                counted.tenant asc,
                counted.automation_id asc,
                counted.context asc
        ) as limit_rank
    from counted
),

-- From the 51st on they share a row, so that the rows sum to all.
placed as (
    select
        least(limit_rank, 51) as position,
        count(*) as entity_count,
        max(tenant) as tenant,
        max(automation_id) as automation_id,
        max(context) as context,
        max(limit_seconds) as limit_seconds,
        sum(runs) as runs,
        sum(near_runs) as near_runs,
        sum(stopped_runs) as stopped_runs,
        max(longest_seconds) as longest_seconds,
        max(last_near_at) as last_near_at
    from ranked
    group by least(limit_rank, 51)
)

select
    placed.position,
    placed.position = 51 as is_rest,
    placed.entity_count,
    case when placed.position < 51 then placed.tenant end as tenant,
    case when placed.position < 51 then placed.automation_id end as entity_id,
    case when placed.position < 51 then named.label end as label,
    case when placed.position < 51 then named.owner_label end as owner_label,
    case when placed.position < 51 then named.is_deleted end as is_deleted,
    case when placed.position < 51 then placed.context end as context,
    case when placed.position < 51 then placed.limit_seconds end as limit_seconds,
    placed.runs,
    placed.near_runs,
    placed.stopped_runs,
    case when placed.position < 51 then placed.longest_seconds end as longest_seconds,
    case
        when placed.position < 51
            then
                cast(
                    placed.longest_seconds / placed.limit_seconds as decimal(18, 6)
                )
    end as limit_ratio,
    placed.last_near_at
from placed
left join int_automation_names as named
    on
        placed.tenant = named.tenant
        and placed.automation_id = named.automation_id
