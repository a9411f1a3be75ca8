-- Runs by connector and day of the last two weeks, where audit events tell them.
-- grain: position, date

-- The join drops no run that has ended, and of these alone is told what they used.
with used as (
    select
        used.tenant,
        used.connector_id,
        runs.date,
        count(*) as runs
    from run_connectors as used
    inner join runs
        on
            used.tenant = runs.tenant
            and used.run_id = runs.run_id
    where
        runs.date >= getvariable('as_of') - interval 14 day
        and runs.date < getvariable('as_of')
    group by used.tenant, used.connector_id, runs.date
),

ranked as (
    select
        tenant,
        connector_id,
        row_number() over (
            order by sum(runs) desc, tenant asc, connector_id asc
        ) as usage_rank,
        count(*) over () as connector_count
    from used
    group by tenant, connector_id
),

told_days as (
    select
        tenant,
        date
    from used
    group by tenant, date
),

-- From the 31st on they share a row. On a day of which a tenant's runs tell what they
-- used, a connector without any was not used: that is a zero. Other days are unknown.
placed as (
    select
        least(ranked.usage_rank, 31) as position,
        told_days.date,
        max(ranked.tenant) as tenant,
        max(ranked.connector_id) as connector_id,
        max(ranked.connector_count) as connector_count,
        cast(coalesce(sum(used.runs), 0) as hugeint) as runs
    from ranked
    inner join told_days -- every connector has one at least
        on ranked.tenant = told_days.tenant
    left join used
        on
            ranked.tenant = used.tenant
            and ranked.connector_id = used.connector_id
            and told_days.date = used.date
    group by least(ranked.usage_rank, 31), told_days.date
)

select
    placed.position,
    placed.date,
    placed.position = 31 as is_rest,
    case when placed.position < 31 then 1 else placed.connector_count - 30 end
        as entity_count,
    case when placed.position < 31 then placed.tenant end as tenant,
    case when placed.position < 31 then placed.connector_id end as connector_id,
    case when placed.position < 31 then connectors.label end as label,
    placed.runs
from placed
left join connectors
    on
        placed.tenant = connectors.tenant
        and placed.connector_id = connectors.connector_id
