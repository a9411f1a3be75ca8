-- Which connectors runs used, and whose runs, where audit events tell it.
-- grain: kind, position

-- By connector, and by connector and owner as of the run; the join keeps every row.
with counted as (
    select
        used.tenant,
        used.connector_id,
        coalesce(runs.owner_id, 'unknown') as owner_id,
        case
            when grouping(coalesce(runs.owner_id, 'unknown')) = 1 then 'connectors'
            else 'owners'
        end as kind,
        count(distinct used.automation_id) as automations, -- of several runs each
        count(*) as runs,
        sum(used.bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(used.bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(used.api_calls) as api_calls
    from run_connectors as used
    left join runs
        on
            used.tenant = runs.tenant
            and used.run_id = runs.run_id
    group by
        grouping sets (
            (used.tenant, used.connector_id),
            (used.tenant, used.connector_id, coalesce(runs.owner_id, 'unknown'))
        )
),

-- All connectors stand alone, and so many of their owners.
ranked as (
    select
        counted.*,
        connectors.label,
        connectors.billable,
        coalesce(owners.label, counted.owner_id) as owner_label,
        counted.kind = 'owners'
        and row_number() over ranks > rows_alone('connectors') as is_rest,
        case
            when counted.kind = 'owners'
                then shown_rank(row_number() over ranks, 'connectors')
            else row_number() over ranks
        end as position
    from counted
    left join connectors -- has every one that was used
        on
            counted.tenant = connectors.tenant
            and counted.connector_id = connectors.connector_id
    left join owners
        on
            counted.tenant = owners.tenant
            and counted.owner_id = owners.owner_id
    window
        ranks as (
            partition by counted.kind
            order by
                counted.runs desc,
                counted.tenant asc,
                counted.connector_id asc,
                counted.owner_id asc
        )
)

select
    kind,
    position,
    is_rest,
    count(*) as entity_count,
    max(tenant) filter (where not is_rest) as tenant,
    max(connector_id) filter (where not is_rest) as connector_id,
    max(owner_id) filter (where not is_rest) as owner_id,
    max(label) filter (where not is_rest) as label,
    max(
        case
            when billable then 'third-party' when not billable then 'standard'
        end
    ) filter (where not is_rest) as licence_class,
    max(owner_label) filter (where not is_rest) as owner_label,
    max(automations) filter (where not is_rest) as automations,
    cast(sum(runs) as hugeint) as runs,
    cast(sum(bandwidth_in_bytes) as hugeint) as bandwidth_in_bytes,
    cast(sum(bandwidth_out_bytes) as hugeint) as bandwidth_out_bytes,
    cast(sum(api_calls) as hugeint) as api_calls
from ranked
group by kind, position, is_rest
