-- What a tenant has: automations, and the third-party runs that are included for it.
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
),

counted as (
    select
        automations.tenant,
        count(*) filter (where not automations.is_deleted) as listed_automations,
        count(*) filter (
            where not automations.is_deleted and automations.space_id = ''
        ) as personal_automations,
        count(used.automation_id) filter (where not automations.is_deleted)
            as used_automations,
        count(*) filter (where automations.is_deleted) as deleted_automations,
        count(*) filter (where automations.is_deleted is null)
            as unlisted_automations
    from automations
    left join used
        on
            automations.tenant = used.tenant
            and automations.automation_id = used.automation_id
    group by automations.tenant
),

-- The period of the last complete day, or the last that had begun by then.
latest as (
    select burn_down.*
    from quota_burn_down as burn_down
    where getvariable('as_of') - 1 >= burn_down.period_start_date
    qualify
        burn_down.period_start_date
        = max(burn_down.period_start_date) over (partition by burn_down.tenant)
),

-- The licence is shared: what all tenants used counts against it.
quotas as (
    select
        tenant,
        max(period_start_date) as period_start_date, -- the same for all its days
        max(period_end_date) as period_end_date,
        max(source) as source,
        max(quota) as quota,
        max(date) filter (where not is_projected) as last_date,
        max(all_used) filter (where not is_projected) as used,
        max(all_used_ratio) filter (where not is_projected) as used_ratio,
        max(all_used) as projected,
        max(all_used_ratio) as projected_ratio,
        min(date) filter (where all_used_ratio >= 1) as exhausted_date
    from latest
    group by tenant
)

-- Null: nothing is known of its automations, or nothing is included.
select
    coalesce(counted.tenant, quotas.tenant) as tenant,
    counted.listed_automations,
    counted.personal_automations,
    counted.used_automations,
    counted.deleted_automations,
    counted.unlisted_automations,
    quotas.period_start_date,
    quotas.period_end_date,
    quotas.source,
    quotas.quota,
    quotas.last_date,
    quotas.used,
    quotas.used_ratio,
    quotas.projected,
    quotas.projected_ratio,
    quotas.exhausted_date
from counted
full join quotas
    on counted.tenant = quotas.tenant
