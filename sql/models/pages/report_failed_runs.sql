-- The last fifty runs of 30 days that failed; the rest is a count.
-- grain: position

with ranked as (
    select
        recent.*,
        row_number() over (
            order by recent.started_at desc, recent.tenant asc, recent.run_id asc
        ) as failure_rank
    from _runs_recent as recent
    where recent.is_failed
),

placed as (
    select
        least(failure_rank, 51) as position,
        count(*) as entity_count,
        max(tenant) as tenant,
        max(run_id) as run_id,
        max(automation_id) as automation_id,
        max(status) as status,
        max(error) as error,
        max(context) as context,
        max(started_at) as started_at,
        cast(sum(duration_seconds) as hugeint) as duration_seconds
    from ranked
    group by least(failure_rank, 51)
)

select
    placed.position,
    placed.position = 51 as is_rest,
    placed.entity_count,
    case when placed.position < 51 then placed.tenant end as tenant,
    case when placed.position < 51 then placed.run_id end as run_id,
    case when placed.position < 51 then placed.automation_id end as entity_id,
    case when placed.position < 51 then named.label end as label,
    case when placed.position < 51 then named.owner_label end as owner_label,
    case when placed.position < 51 then named.is_deleted end as is_deleted,
    case when placed.position < 51 then placed.status end as status,
    case when placed.position < 51 then placed.error end as error,
    case when placed.position < 51 then placed.context end as context,
    case when placed.position < 51 then placed.started_at end as started_at,
    placed.duration_seconds
from placed
left join int_automation_names as named
    on
        placed.tenant = named.tenant
        and placed.automation_id = named.automation_id
