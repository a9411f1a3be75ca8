-- How many automations could be cleaned up for which reason; one may have several.
-- grain: position

-- Idle for 90 days is idle for 60 and 30, too.
with reasons as (
    select
        reasons.position,
        reasons.reason
    from (
        values
        (1, 'Owner deleted or not active'),
        (2, 'Never run'),
        (3, 'Idle for 90 days or more'),
        (4, 'Idle for 60 days or more'),
        (5, 'Idle for 30 days or more'),
        (6, 'Disabled or unavailable')
    ) as reasons (position, reason)
)

select
    reasons.position,
    reasons.reason,
    count(*) filter (
        where case reasons.position
            when 1 then found.is_owner_deleted
            when 2 then found.is_never_run
            when 3 then found.idle_days >= 90
            when 4 then found.idle_days >= 60
            when 5 then found.idle_days >= 30
            else found.is_disabled
        end
    ) as automations
from reasons
left join _cleanup_reasons as found
    on found.tenant is not null -- each with each; without any, all are 0
group by reasons.position, reasons.reason
