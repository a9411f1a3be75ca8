-- Runs by connector and day of the last two weeks, where audit events tell them.
-- grain: position, date

-- The join drops no run that has ended; of others it is not known what they used.
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
        used.tenant,
        used.connector_id,
        max(connectors.label) as label, -- one row a connector
        shown_rank(
            row_number() over (
                order by sum(used.runs) desc, used.tenant asc, used.connector_id asc
            ),
            'connector_days'
        ) as position,
        count(*) over () as connector_count
    from used
    left join connectors
        on
            used.tenant = connectors.tenant
            and used.connector_id = connectors.connector_id
    group by used.tenant, used.connector_id
),

known_days as (
    select
        tenant,
        date
    from used
    group by tenant, date
)

-- On a day of which a tenant's runs tell what they used, a connector without any was
-- not used: that is a zero. Other days are unknown.
select
    ranked.position,
    known_days.date,
    is_remaining(ranked.position, 'connector_days') as is_rest,
    case
        when is_remaining(ranked.position, 'connector_days')
            then max(ranked.connector_count) - rows_alone('connector_days')
        else 1
    end as entity_count,
    of_one(ranked.tenant, ranked.position, 'connector_days') as tenant,
    of_one(ranked.connector_id, ranked.position, 'connector_days') as connector_id,
    of_one(ranked.label, ranked.position, 'connector_days') as label,
    cast(coalesce(sum(used.runs), 0) as hugeint) as runs
from ranked
inner join known_days -- every connector has one at least
    on ranked.tenant = known_days.tenant
left join used
    on
        ranked.tenant = used.tenant
        and ranked.connector_id = used.connector_id
        and known_days.date = used.date
group by ranked.position, known_days.date
