-- The last fifty runs of 30 days that failed, and all others as a count.
-- grain: position

with ranked as (
    select
        recent.*,
        labels.label,
        labels.detail as owner_label,
        labels.is_deleted,
        shown_rank(
            row_number() over (
                order by recent.started_at desc, recent.tenant asc, recent.run_id asc
            ),
            'runs'
        ) as position
    from _runs_recent as recent
    left join int_labels as labels
        on
            recent.tenant = labels.tenant
            and recent.automation_id = labels.entity_id
            and labels.dimension = 'automation'
            and still_holds(labels.shown_until)
    where recent.is_failed
)

select
    position,
    is_remaining(position, 'runs') as is_rest,
    count(*) as entity_count,
    of_one(tenant, position, 'runs') as tenant,
    of_one(run_id, position, 'runs') as run_id,
    of_one(automation_id, position, 'runs') as entity_id,
    of_one(label, position, 'runs') as label,
    of_one(owner_label, position, 'runs') as owner_label,
    of_one(is_deleted, position, 'runs') as is_deleted,
    of_one(status, position, 'runs') as status,
    of_one(error, position, 'runs') as error,
    of_one(context, position, 'runs') as context,
    of_one(started_at, position, 'runs') as started_at,
    cast(sum(duration_seconds) as hugeint) as duration_seconds
from ranked
group by position
