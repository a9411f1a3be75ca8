-- Automations that could be cleaned up, 100 by name and all others as a count.
-- grain: position

-- What cannot be needed stands first: nobody owns it, or it never ran.
with ranked as (
    select
        reasons.*,
        case
            when reasons.is_owner_deleted then 'deleted or not active' else 'active'
        end as owner_state,
        shown_rank(
            row_number() over (
                order by
                    reasons.is_owner_deleted desc,
                    reasons.is_never_run desc,
                    reasons.idle_days desc,
                    reasons.label asc,
                    reasons.tenant asc,
                    reasons.automation_id asc
            ),
            'cleanup'
        ) as position
    from _cleanup_reasons as reasons
)

select
    position,
    is_remaining(position, 'cleanup') as is_rest,
    count(*) as entity_count,
    of_one(tenant, position, 'cleanup') as tenant,
    of_one(automation_id, position, 'cleanup') as entity_id,
    of_one(label, position, 'cleanup') as label,
    of_one(usage_class, position, 'cleanup') as usage_class,
    of_one(idle_days, position, 'cleanup') as idle_days,
    of_one(last_used_date, position, 'cleanup') as last_used_date,
    of_one(state, position, 'cleanup') as state,
    of_one(run_mode, position, 'cleanup') as run_mode,
    of_one(owner_label, position, 'cleanup') as owner_label,
    of_one(owner_state, position, 'cleanup') as owner_state,
    of_one(space_label, position, 'cleanup') as space_label,
    of_one(cast(created_at as date), position, 'cleanup') as created_date
from ranked
group by position
