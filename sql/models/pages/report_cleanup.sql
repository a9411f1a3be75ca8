-- Automations that could be cleaned up, 100 by name and the rest as a count.
-- grain: position

-- What cannot be needed stands first: nobody owns it, or it never ran.
with ranked as (
    select
        reasons.*,
        row_number() over (
            order by
                reasons.is_owner_gone desc,
                reasons.is_never_run desc,
                reasons.idle_days desc,
                reasons.label asc,
                reasons.tenant asc,
                reasons.automation_id asc
        ) as cleanup_rank
    from _cleanup_reasons as reasons
),

counted as (
    select count(*) filter (where cleanup_rank > 100) as rest_count
    from ranked
)

select
    ranked.cleanup_rank as position,
    false as is_rest,
    1 as entity_count,
    ranked.tenant,
    ranked.automation_id as entity_id,
    ranked.label,
    ranked.usage_class,
    ranked.idle_days,
    ranked.last_used_date,
    ranked.state,
    ranked.run_mode,
    ranked.owner_label,
    case when ranked.is_owner_gone then 'gone or not active' else 'active' end
        as owner_state,
    ranked.space_label,
    cast(ranked.created_at as date) as created_date
from ranked
where ranked.cleanup_rank <= 100
union all
select
    101 as position,
    true as is_rest,
    counted.rest_count as entity_count,
    null as tenant,
    null as entity_id,
    null as label,
    null as usage_class,
    null as idle_days,
    null as last_used_date,
    null as state,
    null as run_mode,
    null as owner_label,
    null as owner_state,
    null as space_label,
    null as created_date
from counted
where counted.rest_count > 0
