-- Anomalous days that follow each other, as one episode; and the first week of the new.
-- grain: tenant, dimension, entity_id, kind, first_date

-- A day that was not read does not end an episode: it has no number.
with numbered as (
    select
        *,
        day_number - row_number() over (
            partition by tenant, dimension, entity_id
            order by usage_date
        ) as episode
    from _anomaly_days
),

placed as (
    select
        *,
        row_number() over (
            partition by tenant, dimension, entity_id, episode
            order by excess_amount desc, usage_date asc
        ) as place
    from numbered
),

-- Somebody who is there from the start of all figures is not new.
first_weeks as (
    select
        tenant,
        dimension,
        entity_id,
        first_date,
        usage_date,
        amount,
        row_number() over (
            partition by tenant, dimension, entity_id
            order by amount desc, usage_date asc
        ) as place
    from _anomaly_series
    where
        dimension in ('owner', 'automation')
        and usage_date < first_date + 7
        and first_date >= first_known_date + 28
)

select
    tenant,
    dimension,
    entity_id,
    'spike' as kind,
    min(usage_date) as first_date,
    max(usage_date) as last_date,
    count(*) as day_count,
    sum(amount) as amount,
    sum(expected_amount) as expected_amount,
    max(usage_date) filter (where place = 1) as peak_date,
    max(amount) filter (where place = 1) as peak_amount,
    max(expected_amount) filter (where place = 1) as peak_expected_amount,
    max(z_score) filter (where place = 1) as z_score
from placed
group by tenant, dimension, entity_id, episode
union all
select
    tenant,
    dimension,
    entity_id,
    'new' as kind,
    first_date,
    max(usage_date) as last_date,
    count(*) as day_count,
    sum(amount) as amount,
    0 as expected_amount,
    max(usage_date) filter (where place = 1) as peak_date,
    max(amount) as peak_amount,
    0 as peak_expected_amount,
    null as z_score
from first_weeks
group by tenant, dimension, entity_id, first_date
having sum(amount) > coalesce(getvariable('anomaly_floor'), 10)
