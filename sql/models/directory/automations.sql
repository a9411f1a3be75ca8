-- Every automation ever seen, also one that is only in usage or in a run.
-- grain: tenant, automation_id

-- Usage cuts a name at 50 characters, so it is used only where no snapshot has one.
with metered as (
    select
        tenant,
        automation_id,
        max_by(automation_name, usage_date) as automation_name,
        max_by(current_owner_id, usage_date) as current_owner_id
    from int_usage_days
    group by tenant, automation_id
)

select
    seen.tenant,
    seen.entity_id as automation_id,
    coalesce(listed.automation_name, metered.automation_name) as name,
    coalesce(
        listed.automation_name,
        metered.automation_name,
        'Unknown automation ' || left(seen.entity_id, 8) || '…'
    ) as label,
    coalesce(listed.listed_owner_id, metered.current_owner_id) as owner_id,
    listed.space_id,
    listed.automation_state as state,
    listed.run_mode,
    listed.max_concurrent_runs,
    listed.created_at,
    listed.last_run_at,
    seen.first_seen_date,
    seen.last_seen_date,
    seen.is_deleted,
    seen.deleted_since
from _lifespans as seen
left join stg_automations as listed
    on
        seen.tenant = listed.tenant
        and seen.entity_id = listed.automation_id
        and seen.last_listed_date = listed.snapshot_date
left join metered
    on
        seen.tenant = metered.tenant
        and seen.entity_id = metered.automation_id
where seen.listing = 'automations'
