-- Days on which an automation was metered, with its name and owner as usage has them.
-- grain: tenant, usage_date, automation_id
-- by: month of usage_date
-- conserves: nothing: it has no quantities

with first_listed as (
    select
        tenant,
        automation_id,
        min(valid_from) as listed_from,
        min_by(automation_name, valid_from) as automation_name
    from int_automation_versions
    where automation_name is not null
    group by tenant, automation_id
),

days as (
    select
        tenant,
        usage_date,
        automation_id,
        -- The same in every row of a day: as they were when usage was read.
        max(automation_name) as automation_name,
        max(current_owner_id) as current_owner_id,
        max(read_on) as read_on
    from stg_usage
    group by tenant, usage_date, automation_id
)

select
    days.tenant,
    days.usage_date,
    days.automation_id,
    -- Usage cuts a name off after 50 characters.
    case
        when trim(left(first_listed.automation_name, 50)) = days.automation_name
            then first_listed.automation_name
        else days.automation_name
    end as automation_name,
    days.current_owner_id,
    days.read_on,
    -- Whether usage named the automation before a snapshot did. Of usage that an
    -- earlier version read, the day is not known.
    coalesce(
        days.read_on < first_listed.listed_from, first_listed.tenant is null
    ) as is_first_to_name
from days
left join first_listed
    on
        days.tenant = first_listed.tenant
        and days.automation_id = first_listed.automation_id
