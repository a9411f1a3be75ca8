-- Automations that failed in the last 30 days, and whether they still do.
-- grain: position

with recent as (
    select
        runs.*,
        max(runs.started_at) filter (where not runs.is_failed) over automations
            as last_good_at,
        count(*) filter (where runs.is_failed) over same_errors as error_runs
    from _runs_recent as runs
    window
        automations as (partition by runs.tenant, runs.automation_id),
        same_errors as (partition by runs.tenant, runs.automation_id, runs.error)
),

-- Failed runs since the last one that did not fail: what is broken now. The error is
-- the one that most of them have; of several, the first by the alphabet.
counted as (
    select
        tenant,
        automation_id,
        sum(runs) as runs,
        count(*) filter (where is_failed) as failed_runs,
        count(*) filter (
            where is_failed and (last_good_at is null or started_at > last_good_at)
        ) as failed_in_a_row,
        max(started_at) filter (where is_failed) as last_failed_at,
        first(error order by error_runs desc, error asc) filter (
            where is_failed and error is not null
        ) as common_error,
        max(error_runs) filter (
            where is_failed and error is not null
        ) as common_error_runs
    from recent
    group by tenant, automation_id
    having count(*) filter (where is_failed) > 0
),

ranked as (
    select
        counted.*,
        labels.label,
        labels.detail as owner_label,
        labels.space_label,
        labels.is_deleted,
        shown_rank(
            row_number() over (
                order by
                    counted.failed_runs desc,
                    counted.last_failed_at desc,
                    counted.tenant asc,
                    counted.automation_id asc
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
    of_one(space_label, position, 'runs') as space_label,
    of_one(is_deleted, position, 'runs') as is_deleted,
    sum(runs) as runs,
    sum(failed_runs) as failed_runs,
    to_ratio(sum(failed_runs), sum(runs)) as failed_ratio,
    of_one(failed_in_a_row, position, 'runs') as failed_in_a_row,
    max(last_failed_at) as last_failed_at,
    of_one(common_error, position, 'runs') as common_error,
    of_one(common_error_runs, position, 'runs') as common_error_runs
from ranked
group by position
