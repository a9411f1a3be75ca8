-- Runs of the last 30 days to look at: the last fifty that failed, and the automations
-- with runs near or over their limit; all others of either kind as a count.
-- grain: kind, position

with listed as (
    select
        'failed_runs' as kind,
        tenant,
        automation_id,
        failed_run_id as run_id,
        status,
        error,
        context,
        started_at,
        duration_seconds
    from _runs_recent
    where is_failed
    union all by name
    select
        'near_limit' as kind,
        tenant,
        automation_id,
        context,
        limit_seconds,
        sum(runs) as runs,
        sum(near_runs) as near_runs,
        count(*) filter (where is_stopped_by_limit) as stopped_runs,
        max(duration_seconds) as longest_seconds,
        to_ratio(max(duration_seconds), limit_seconds) as limit_ratio,
        max(near_at) as last_near_at
    from _runs_recent
    group by tenant, automation_id, context, limit_seconds
    having sum(near_runs) > 0
),

-- A column that a kind has not is null in all its rows, and ranks none before another.
ranked as (
    select
        listed.*,
        labels.label,
        labels.detail as owner_label,
        labels.is_deleted,
        shown_rank(row_number() over ranks, 'runs') as position
    from listed
    left join int_labels as labels
        on
            listed.tenant = labels.tenant
            and listed.automation_id = labels.entity_id
            and labels.dimension = 'automation'
            and still_holds(labels.shown_until)
    window
        ranks as (
            partition by listed.kind
            order by
                listed.stopped_runs desc, listed.near_runs desc,
                listed.started_at desc, listed.tenant asc, listed.run_id asc,
                listed.automation_id asc, listed.context asc
        )
)

select
    kind,
    position,
    is_remaining(position, 'runs') as is_rest,
    count(*) as entity_count,
    of_one(tenant, position, 'runs') as tenant,
    of_one(automation_id, position, 'runs') as entity_id,
    of_one(run_id, position, 'runs') as run_id,
    of_one(label, position, 'runs') as label,
    of_one(owner_label, position, 'runs') as owner_label,
    of_one(is_deleted, position, 'runs') as is_deleted,
    of_one(status, position, 'runs') as status,
    of_one(error, position, 'runs') as error,
    of_one(context, position, 'runs') as context,
    of_one(started_at, position, 'runs') as started_at,
    cast(sum(duration_seconds) as hugeint) as duration_seconds,
    of_one(limit_seconds, position, 'runs') as limit_seconds,
    sum(runs) as runs,
    sum(near_runs) as near_runs,
    sum(stopped_runs) as stopped_runs,
    of_one(longest_seconds, position, 'runs') as longest_seconds,
    of_one(limit_ratio, position, 'runs') as limit_ratio,
    max(last_near_at) as last_near_at
from ranked
group by kind, position
