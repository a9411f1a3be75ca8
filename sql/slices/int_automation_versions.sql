-- The versions of an automation that a month sees: those that hold in it, as if nothing
-- came later, and the first one that has a name. A month has automations that were
-- metered in it, or of which a run names no owner: only these are looked up.

with used as (
    select
        tenant,
        cast(date_trunc('month', usage_date) as date) as month,
        automation_id
    from stg_usage
    union
    select
        tenant,
        coalesce(
            cast(date_trunc('month', coalesce(started_at, created_at)) as date),
            cast('0001-01-01' as date)
        ) as month,
        automation_id
    from stg_runs
    where listed_owner_id is null
),

versions as (
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
from used
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
