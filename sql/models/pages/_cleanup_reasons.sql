-- Automations that are still listed and may not be needed, with each reason for it.
-- grain: tenant, automation_id

-- The last day that a run or usage tells of, or the listing does.
with last_used as (
    select
        tenant,
        automation_id,
        max(date) as last_used_date
    from automation_daily
    where runs > 0
    group by tenant, automation_id
),

described as (
    select
        automations.tenant,
        automations.automation_id,
        automations.label,
        automations.state,
        automations.run_mode,
        automations.created_at,
        owners.label as owner_label,
        spaces.label as space_label,
        greatest(
            last_used.last_used_date, cast(automations.last_run_at as date)
        ) as last_used_date,
        -- Not known of an owner whom no list of users names.
        coalesce(
            owners.is_deleted or owners.status != 'active', false
        ) as is_owner_deleted,
        coalesce(automations.state != 'available', false) as is_disabled
    from automations
    left join owners
        on
            automations.tenant = owners.tenant
            and automations.owner_id = owners.owner_id
    left join spaces
        on
            automations.tenant = spaces.tenant
            and automations.space_id = spaces.space_id
    left join last_used
        on
            automations.tenant = last_used.tenant
            and automations.automation_id = last_used.automation_id
    where not automations.is_deleted
),

aged as (
    select
        described.*,
        date_diff('day', described.last_used_date, getvariable('as_of')) as idle_days
    from described
)

select
    tenant,
    automation_id,
    label,
    owner_label,
    space_label,
    state,
    run_mode,
    created_at,
    last_used_date,
    idle_days,
    is_owner_deleted,
    is_disabled,
    last_used_date is null as is_never_run,
    case
        when last_used_date is null then 'Never run'
        when idle_days >= 90 then 'Idle for 90 days'
        when idle_days >= 60 then 'Idle for 60 days'
        when idle_days >= 30 then 'Idle for 30 days'
        else 'In use'
    end as usage_class
from aged
where
    last_used_date is null
    or idle_days >= 30
    or is_owner_deleted
    or is_disabled
