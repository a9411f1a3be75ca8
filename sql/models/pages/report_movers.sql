-- Whose runs moved most: the month so far against the same days of the month before.
-- grain: dimension, position

with used as (
    select
        tenant,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            else 'automation'
        end as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        -- True zeros: nothing of theirs ran in the days compared.
        coalesce(
            sum(runs) filter (
                where date >= date_trunc('month', getvariable('as_of') - 1)
            ),
            0
        ) as runs,
        coalesce(
            sum(runs) filter (
                where date < date_trunc('month', getvariable('as_of') - 1)
            ),
            0
        ) as prior_runs
    from automation_daily
    where
        date >= date_trunc('month', getvariable('as_of') - 1) - interval 1 month
        and day(date) <= day(getvariable('as_of') - 1)
    group by
        grouping sets (
            (tenant, owner_id),
            (tenant, space_id),
            (tenant, automation_id)
        )
),

labels as (
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        label
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label
    from spaces
    union all
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        label
    from automations
)

select
    used.dimension,
    row_number() over (
        partition by used.dimension
        order by
            abs(used.runs - used.prior_runs) desc,
            coalesce(labels.label, used.entity_id) asc,
            used.tenant asc,
            used.entity_id asc
    ) as position,
    used.tenant,
    used.entity_id,
    coalesce(labels.label, used.entity_id) as label,
    used.runs,
    used.prior_runs,
    used.runs - used.prior_runs as difference,
    cast(
        (used.runs - used.prior_runs) / nullif(used.prior_runs, 0) as decimal(18, 6)
    ) as change_ratio
from used
left join labels
    on
        used.tenant = labels.tenant
        and used.dimension = labels.dimension
        and used.entity_id = labels.entity_id
where used.runs != used.prior_runs
qualify position <= 10
