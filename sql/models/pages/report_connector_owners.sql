-- Whose runs used which connector, where audit events tell it; all others share a row.
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
        connectors.label,
        coalesce(owners.label, used.owner_id) as owner_label,
        shown_rank(
            row_number() over (
                order by
                    used.runs desc,
                    used.tenant asc,
                    used.connector_id asc,
                    used.owner_id asc
            ),
            'connectors'
        ) as position
    from used
    left join connectors
        on
            used.tenant = connectors.tenant
            and used.connector_id = connectors.connector_id
    left join int_labels as owners
        on
            used.tenant = owners.tenant
            and used.owner_id = owners.entity_id
            and owners.dimension = 'owner'
)

select
    position,
    is_remaining(position, 'connectors') as is_rest,
    count(*) as entity_count,
    of_one(tenant, position, 'connectors') as tenant,
    of_one(connector_id, position, 'connectors') as connector_id,
    of_one(owner_id, position, 'connectors') as owner_id,
    of_one(label, position, 'connectors') as label,
    of_one(owner_label, position, 'connectors') as owner_label,
    of_one(automations, position, 'connectors') as automations,
    cast(sum(runs) as hugeint) as runs,
    cast(sum(api_calls) as hugeint) as api_calls
from ranked
group by position
