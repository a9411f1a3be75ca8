-- Where usage costs far more than it used to, and who is new and dear: one an episode.
-- grain: tenant, dimension, entity_id, kind, first_date

with last_days as (
    select
        tenant,
        max(date) as last_date
    from tenant_daily
    where status = 'complete'
    group by tenant
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
        'automation' as dimension,
        automation_id as entity_id,
        label
    from automations
)

select
    episodes.tenant,
    cast(date_trunc('month', episodes.first_date) as date) as month,
    episodes.dimension,
    episodes.entity_id,
    episodes.kind,
    episodes.first_date,
    episodes.last_date,
    coalesce(labels.label, episodes.entity_id) as label, -- a cost centre is its name
    episodes.day_count,
    coalesce(episodes.last_date = last_days.last_date, false) as is_ongoing,
    cast(episodes.amount as decimal(18, 6)) as amount,
    cast(episodes.expected_amount as decimal(18, 6)) as expected_amount,
    cast(episodes.amount - episodes.expected_amount as decimal(18, 6))
        as excess_amount,
    episodes.peak_date,
    cast(episodes.peak_amount as decimal(18, 6)) as peak_amount,
    cast(episodes.peak_expected_amount as decimal(18, 6)) as peak_expected_amount,
    episodes.z_score,
    getvariable('currency') as currency
from _anomaly_episodes as episodes
left join labels
    on
        episodes.tenant = labels.tenant
        and episodes.dimension = labels.dimension
        and episodes.entity_id = labels.entity_id
left join last_days
    on episodes.tenant = last_days.tenant
