-- Whose runs used which connector, where audit events tell it; the rest share a row.
-- grain: position

-- Both joins keep every row: they look for the owner as of the run, and for names.
with used as (
    select
        used.tenant,
        used.connector_id,
        coalesce(runs.owner_id, 'unknown') as owner_id,
        count(distinct used.automation_id) as automations, -- of several runs each
        count(*) as runs,
        sum(used.api_calls) as api_calls
    from run_connectors as used
    left join runs
        on
            used.tenant = runs.tenant
            and used.run_id = runs.run_id
    group by used.tenant, used.connector_id, coalesce(runs.owner_id, 'unknown')
),

ranked as (
    select
        used.*,
        row_number() over (
            order by
                used.runs desc,
                used.tenant asc,
                used.connector_id asc,
                used.owner_id asc
        ) as usage_rank
    from used
),

-- From the 51st on they share a row, so that the rows sum to all.
placed as (
    select
        least(usage_rank, 51) as position,
        count(*) as entity_count,
        max(tenant) as tenant,
        max(connector_id) as connector_id,
        max(owner_id) as owner_id,
        max(automations) as automations,
        cast(sum(runs) as hugeint) as runs,
        cast(sum(api_calls) as hugeint) as api_calls
    from ranked
    group by least(usage_rank, 51)
)

select
    placed.position,
    placed.position = 51 as is_rest,
    placed.entity_count,
    case when placed.position < 51 then placed.tenant end as tenant,
    case when placed.position < 51 then placed.connector_id end as connector_id,
    case when placed.position < 51 then placed.owner_id end as owner_id,
    case when placed.position < 51 then connectors.label end as label,
    case
        when placed.position < 51 then coalesce(owners.label, placed.owner_id)
    end as owner_label,
    case when placed.position < 51 then placed.automations end as automations,
    placed.runs,
    placed.api_calls
from placed
left join connectors
    on
        placed.tenant = connectors.tenant
        and placed.connector_id = connectors.connector_id
left join owners
    on
        placed.tenant = owners.tenant
        and placed.owner_id = owners.owner_id
