-- What pages call an automation, its owner and its space, as they are now.
-- grain: tenant, automation_id

select
    automations.tenant,
    automations.automation_id,
    automations.label,
    automations.is_deleted,
    owners.label as owner_label,
    spaces.label as space_label
from automations
left join owners
    on
        automations.tenant = owners.tenant
        and automations.owner_id = owners.owner_id
left join spaces
    on
        automations.tenant = spaces.tenant
        and automations.space_id = spaces.space_id
