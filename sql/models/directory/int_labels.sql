-- What pages call an owner, a space and an automation from a day until another one.
-- grain: tenant, dimension, entity_id, shown_from

-- An automation with its name, and with its owner, for the days of both. One that no
-- snapshot has is of the owner that usage named last.
with owned as (
    select
        automations.tenant,
        automations.automation_id,
        common_from(named.valid_from, versions.attributed_from) as owned_from,
        common_until(named.valid_until, versions.attributed_until) as owned_until,
        coalesce(named.name, automations.label) as label,
        coalesce(versions.listed_owner_id, automations.owner_id) as owner_id,
        spaces.label as space_label,
        automations.is_deleted,
        automations.deleted_since
    from automations
    left join spaces -- where it was when it was last listed
        on
            automations.tenant = spaces.tenant
            and automations.space_id = spaces.space_id
    left join name_history as named
        on
            automations.tenant = named.tenant
            and automations.automation_id = named.entity_id
            and named.dimension = 'automation'
    left join int_automation_versions as versions
        on
            automations.tenant = versions.tenant
            and automations.automation_id = versions.automation_id
            and have_days_in_common(
                named.valid_from,
                named.valid_until,
                versions.attributed_from,
                versions.attributed_until
            )
)

select
    tenant,
    dimension,
    entity_id,
    shown_from,
    shown_until,
    label,
    detail,
    null as space_label,
    is_deleted,
    deleted_since
from _labels_dated
union all
select
    owned.tenant,
    'automation' as dimension,
    owned.automation_id as entity_id,
    common_from(owned.owned_from, owners.shown_from) as shown_from,
    common_until(owned.owned_until, owners.shown_until) as shown_until,
    owned.label,
    owners.label as detail,
    owned.space_label,
    owned.is_deleted,
    owned.deleted_since
from owned
left join _labels_dated as owners
    on
        owned.tenant = owners.tenant
        and owners.dimension = 'owner'
        and owned.owner_id = owners.entity_id
        and have_days_in_common(
            owned.owned_from,
            owned.owned_until,
            owners.shown_from,
            owners.shown_until
        )
