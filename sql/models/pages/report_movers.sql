-- Whose runs moved most: the month so far against the same days of the month before.
-- grain: dimension, position

with used as (
    select
        tenant,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        -- True zeros: nothing of theirs ran in the days that were read.
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

-- Where none of the days before was read, nobody is known to have moved.
compared as (
    select tenant
    from tenant_daily
    where
        date >= date_trunc('month', getvariable('as_of') - 1) - interval 1 month
        and date < date_trunc('month', getvariable('as_of') - 1)
        and day(date) <= day(getvariable('as_of') - 1)
        and runs is not null
    group by tenant
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
    to_ratio(used.runs - used.prior_runs, used.prior_runs) as change_ratio
from used
inner join compared on used.tenant = compared.tenant
left join int_labels as labels
    on
        used.tenant = labels.tenant
        and used.dimension = labels.dimension
        and used.entity_id = labels.entity_id
        and still_holds(labels.shown_until)
where used.runs != used.prior_runs
qualify position <= rows_alone('movers')
