-- Where usage costs far more than it used to, and who is new with a high cost: one for
-- each episode of days that follow each other, or first week. Amounts are before what
-- is included.
-- grain: tenant, dimension, entity_id, kind, first_date

-- Somebody who is there from the start of all figures is not new.
with episodes as (
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
        first(usage_date order by excess_amount desc, usage_date asc) as peak_date,
        first(amount order by excess_amount desc, usage_date asc) as peak_amount,
        first(expected_amount order by excess_amount desc, usage_date asc)
            as peak_expected_amount,
        first(z_score order by excess_amount desc, usage_date asc) as z_score
    from _anomaly_days
    group by tenant, dimension, entity_id, episode
    union all by name
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
        first(usage_date order by amount desc, usage_date asc) as peak_date,
        max(amount) as peak_amount,
        0 as peak_expected_amount
    from _anomaly_series
    where
        dimension in ('owner', 'automation')
        and usage_date < first_date + 7
        and first_date >= first_known_date + 28
    group by tenant, dimension, entity_id, first_date
    having sum(amount) > max(floor_amount)
),

last_days as (
    select
        tenant,
        max(date) as last_date
    from tenant_daily
    where status = 'complete'
    group by tenant
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
    -- In minor units, so that the excess is the difference of what is printed.
    cast(whole_minor(to_e6(episodes.amount)) as decimal(33, 6)) as amount,
    cast(whole_minor(to_e6(episodes.expected_amount)) as decimal(33, 6))
        as expected_amount,
    cast(
        whole_minor(to_e6(episodes.amount))
        - whole_minor(to_e6(episodes.expected_amount)) as decimal(33, 6)
    ) as excess_amount,
    episodes.peak_date,
    cast(episodes.peak_amount as decimal(33, 6)) as peak_amount,
    cast(episodes.peak_expected_amount as decimal(33, 6)) as peak_expected_amount,
    episodes.z_score,
    getvariable('currency') as currency
from episodes
left join int_labels as labels
    on
        episodes.tenant = labels.tenant
        and episodes.dimension = labels.dimension
        and episodes.entity_id = labels.entity_id
        and at_month_end(episodes.first_date, labels.shown_from, labels.shown_until)
left join last_days
    on episodes.tenant = last_days.tenant
