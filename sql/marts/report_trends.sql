-- Runs by month of the six spaces and owners that ran most in 13 months, and the rest.
-- grain: month, dimension, position

with recent as (
    select
        month as usage_month,
        dimension,
        tenant,
        entity_id,
        label,
        runs
    from usage_monthly
    where
        dimension in ('owner', 'space')
        and month >= date_trunc('month', getvariable('as_of')) - interval 12 month
),

leaders as (
    select
        dimension,
        tenant,
        entity_id,
        row_number() over (
            partition by dimension
            order by sum(runs) desc, max(label) asc, tenant asc, entity_id asc
        ) as entity_rank
    from recent
    group by dimension, tenant, entity_id
),

-- Everybody has a place from 1 to 7, where 7 is all the others.
places as (
    select
        recent.usage_month,
        recent.dimension,
        least(leaders.entity_rank, 7) as position,
        recent.tenant,
        recent.entity_id,
        recent.label,
        recent.runs
    from recent
    inner join leaders -- drops nothing: it ranks each of them
        on
            recent.dimension = leaders.dimension
            and recent.tenant = leaders.tenant
            and recent.entity_id = leaders.entity_id
),

named as (
    select
        dimension,
        position,
        position = 7 as is_rest,
        case when position < 7 then max(tenant) end as tenant,
        case when position < 7 then max(entity_id) end as entity_id,
        case when position < 7 then max(label) end as label
    from places
    group by dimension, position
),

used as (
    select
        usage_month,
        dimension,
        position,
        sum(runs) as runs
    from places
    group by usage_month, dimension, position
)

-- A true zero: the month has usage, and none of it is theirs.
select
    months.month,
    named.dimension,
    named.position,
    named.is_rest,
    named.tenant,
    named.entity_id,
    named.label,
    case when months.runs is not null then coalesce(used.runs, 0) end as runs
from named
inner join report_months as months -- a row for each month that has a page
    on months.month >= date_trunc('month', getvariable('as_of')) - interval 12 month
left join used
    on
        months.month = used.usage_month
        and named.dimension = used.dimension
        and named.position = used.position
