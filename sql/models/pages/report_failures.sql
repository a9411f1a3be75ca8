-- Automations that failed in the last 30 days, and whether they still do.
-- grain: position

with counted as (
    select
        tenant,
        automation_id,
        count(*) as runs,
        count(*) filter (where is_failed) as failed_runs,
        max(started_at) filter (where is_failed) as last_failed_at,
        max(started_at) filter (where not is_failed) as last_good_at
    from _runs_recent
    group by tenant, automation_id
    having count(*) filter (where is_failed) > 0
),

-- Runs since the last one that did not fail: what is broken now.
rows_failed as (
    select
        counted.tenant,
        counted.automation_id,
        count(*) filter (
            where counted.last_good_at is null
            or recent.started_at > counted.last_good_at
        ) as failed_in_a_row
    from counted
    inner join _runs_recent as recent -- drops nothing: they are its runs
        on
            counted.tenant = recent.tenant
            and counted.automation_id = recent.automation_id
    where recent.is_failed
    group by counted.tenant, counted.automation_id
),

-- The one that most of its failed runs have; of several, the first by the alphabet.
common_errors as (
    select
        tenant,
        automation_id,
        error as common_error,
        count(*) as common_error_runs
    from _runs_recent
    where
        is_failed
        and error is not null
    group by tenant, automation_id, error
    qualify
        row_number() over (
            partition by tenant, automation_id
            order by common_error_runs desc, error asc
        ) = 1
),

ranked as (
    select
        counted.*,
        rows_failed.failed_in_a_row,
        common_errors.common_error,
        common_errors.common_error_runs,
        row_number() over (
            order by
                counted.failed_runs desc,
                counted.last_failed_at desc,
                counted.tenant asc,
                counted.automation_id asc
        ) as failure_rank
    from counted
    inner join rows_failed -- drops nothing: one row for each
        on
            counted.tenant = rows_failed.tenant
            and counted.automation_id = rows_failed.automation_id
    left join common_errors
        on
            counted.tenant = common_errors.tenant
            and counted.automation_id = common_errors.automation_id
),

-- From the 51st on they share a row, so that the rows sum to all.
placed as (
    select
        least(failure_rank, 51) as position,
        count(*) as entity_count,
        max(tenant) as tenant,
        max(automation_id) as automation_id,
        sum(runs) as runs,
        sum(failed_runs) as failed_runs,
        max(failed_in_a_row) as failed_in_a_row,
        max(common_error) as common_error,
        max(common_error_runs) as common_error_runs,
        max(last_failed_at) as last_failed_at
    from ranked
    group by least(failure_rank, 51)
)

select
    placed.position,
    placed.position = 51 as is_rest,
    placed.entity_count,
    case when placed.position < 51 then placed.tenant end as tenant,
    case when placed.position < 51 then placed.automation_id end as entity_id,
    case when placed.position < 51 then named.label end as label,
    case when placed.position < 51 then named.owner_label end as owner_label,
    case when placed.position < 51 then named.space_label end as space_label,
    case when placed.position < 51 then named.is_deleted end as is_deleted,
    placed.runs,
    placed.failed_runs,
    cast(placed.failed_runs / placed.runs as decimal(18, 6)) as failed_ratio,
    case when placed.position < 51 then placed.failed_in_a_row end as failed_in_a_row,
    placed.last_failed_at,
    case when placed.position < 51 then placed.common_error end as common_error,
    case when placed.position < 51 then placed.common_error_runs end
        as common_error_runs
from placed
left join int_automation_names as named
    on
        placed.tenant = named.tenant
        and placed.automation_id = named.automation_id
