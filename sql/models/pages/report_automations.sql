-- How many automations there are, and how many of them ran of late.
-- grain: tenant

with used as (
    select
        tenant,
        automation_id
    from automation_daily
    where
        runs > 0
        and date >= getvariable('as_of') - interval 30 day
    group by tenant, automation_id
)

select
    automations.tenant,
    count(*) filter (where not automations.is_deleted) as listed_automations,
    count(*) filter (where not automations.is_deleted and automations.space_id = '')
        as personal_automations,
    count(used.automation_id) filter (where not automations.is_deleted)
        as used_automations,
    count(*) filter (where automations.is_deleted) as deleted_automations,
    count(*) filter (where automations.is_deleted is null) as unlisted_automations
from automations
left join used
    on
        automations.tenant = used.tenant
        and automations.automation_id = used.automation_id
group by automations.tenant
