-- Since when and until when an automation had its owner, space, name and state.
-- grain: tenant, automation_id, valid_from

-- The last version ends on the first snapshot without the automation, if there is one.
select
    versions.tenant,
    versions.automation_id,
    versions.valid_from,
    coalesce(versions.superseded_on, automations.deleted_since) as valid_to,
    versions.listed_owner_id as owner_id,
    versions.space_id,
    versions.automation_name as name,
    versions.automation_state as state
from int_automation_versions as versions
left join automations
    on
        versions.tenant = automations.tenant
        and versions.automation_id = automations.automation_id
