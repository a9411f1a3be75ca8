-- What pages call an owner, a space and an automation as they are now, and a word more.
-- grain: tenant, dimension, entity_id

select
    tenant,
    'owner' as dimension,
    owner_id as entity_id,
    label,
    nullif(email, label) as detail,
    null as space_label,
    is_deleted
from owners
union all
select
    tenant,
    'space' as dimension,
    space_id as entity_id,
    label,
    type as detail,
    null as space_label,
    is_deleted
from spaces
union all
select
    automations.tenant,
    'automation' as dimension,
    automations.automation_id as entity_id,
    automations.label,
    owners.label as detail,
    spaces.label as space_label,
    automations.is_deleted
from automations
left join owners
    on
        automations.tenant = owners.tenant
        and automations.owner_id = owners.owner_id
left join spaces
    on
        automations.tenant = spaces.tenant
        and automations.space_id = spaces.space_id
