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
        labels.label,
        labels.detail as owner_label,
        labels.is_deleted,
        to_ratio(counted.longest_seconds, counted.limit_seconds) as limit_ratio,
        shown_rank(
            row_number() over (
                order by
                    counted.stopped_runs desc,
                    counted.near_runs desc,
                    counted.tenant asc,
                    counted.automation_id asc,
                    counted.context asc
            ),
            'runs'
        ) as position
    from counted
    left join int_labels as labels
        on
            counted.tenant = labels.tenant
            and counted.automation_id = labels.entity_id
            and labels.dimension = 'automation'
            and still_holds(labels.shown_until)
)

select
    position,
    is_remaining(position, 'runs') as is_rest,
    count(*) as entity_count,
    of_one(tenant, position, 'runs') as tenant,
    of_one(automation_id, position, 'runs') as entity_id,
    of_one(label, position, 'runs') as label,
    of_one(owner_label, position, 'runs') as owner_label,
    of_one(is_deleted, position, 'runs') as is_deleted,
    of_one(context, position, 'runs') as context,
    of_one(limit_seconds, position, 'runs') as limit_seconds,
    sum(runs) as runs,
    sum(near_runs) as near_runs,
    sum(stopped_runs) as stopped_runs,
    of_one(longest_seconds, position, 'runs') as longest_seconds,
    of_one(limit_ratio, position, 'runs') as limit_ratio,
    max(last_near_at) as last_near_at
from ranked
group by position
