-- The versions of an automation that a month sees: those that hold in it, as if nothing
-- came later, and the first one that has a name.

with versions as (
    select
        *,
        min(valid_from) filter (where automation_name is not null) over (
            partition by tenant, automation_id
        ) as named_from
    from int_automation_versions
)

select
    used.tenant,
    used.month,
    used.automation_id,
    versions.valid_from,
    versions.listed_owner_id,
    versions.space_id,
    versions.automation_name,
    versions.counted_from,
    least(versions.attributed_until, used.month + interval 1 month) as attributed_until
from _automations_looked_up as used
inner join versions -- drops automations that no snapshot has
    on
        used.tenant = versions.tenant
        and used.automation_id = versions.automation_id
where
    versions.valid_from = versions.named_from
    or (
        versions.counted_from < used.month + interval 1 month
        and versions.attributed_until > used.month
    )
