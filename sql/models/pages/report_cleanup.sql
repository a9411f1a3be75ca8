-- Automations that could be cleaned up: how many for each reason, then 100 by name, and
-- all others as a count.
-- grain: kind, position

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
),

-- An automation may have several reasons. Idle for 90 days is idle for 60 and 30, too.
listed as (
    select
        'automations' as kind,
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
    union all by name
    select
        'reasons' as kind,
        reasons.position,
        reasons.label,
        count(*) filter (
            where case reasons.position
                when 1 then found.is_owner_deleted
                when 2 then found.is_never_run
                when 3 then found.idle_days >= 90
                when 4 then found.idle_days >= 60
                when 5 then found.idle_days >= 30
                else found.is_disabled
            end
        ) as entity_count
    from (
        values
        (1, 'Owner deleted or not active'),
        (2, 'Never run'),
        (3, 'Idle for 90 days or more'),
        (4, 'Idle for 60 days or more'),
        (5, 'Idle for 30 days or more'),
        (6, 'Disabled or unavailable')
    ) as reasons (position, label)
    left join _cleanup_reasons as found
        on found.tenant is not null -- each with each; without any, all are 0
    group by reasons.position, reasons.label
)

select *
from listed
