-- What each owner, space and automation used and is charged in a month, ranked.
-- grain: tenant, month, dimension, entity_id
-- conserves: every measure per tenant, month, dimension = automation_daily, charges

with used as (
    select
        tenant,
        cast(date_trunc('month', date) as date) as billing_month,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            else 'automation'
        end as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs
    from automation_daily
    group by
        grouping sets (
            (tenant, date_trunc('month', date), owner_id),
            (tenant, date_trunc('month', date), space_id),
            (tenant, date_trunc('month', date), automation_id)
        )
),

billed as (
    select
        tenant,
        month as billing_month,
        case
            when grouping(owner_id) = 0 then 'owner'
            when grouping(space_id) = 0 then 'space'
            else 'automation'
        end as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(amount) as amount
    from charges
    group by
        grouping sets (
            (tenant, month, owner_id),
            (tenant, month, space_id),
            (tenant, month, automation_id)
        )
),

labels as (
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        label,
        is_gone
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label,
        is_gone
    from spaces
    union all
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        label,
        is_gone
    from automations
),

card as (
    select max(currency) as currency -- null: no prices are set
    from seed_rates
),

-- Every charge has usage behind it, so that none is lost here. Where prices are set
-- and no line stands, nothing on the card was used: a true zero.
described as (
    select
        used.tenant,
        used.billing_month,
        used.dimension,
        used.entity_id,
        coalesce(labels.label, used.entity_id) as label,
        labels.is_gone,
        used.runs,
        used.third_party_runs,
        used.failed_runs,
        used.duration_seconds,
        used.bandwidth_in_bytes,
        used.bandwidth_out_bytes,
        used.unlisted_runs,
        used.unknown_billing_runs,
        used.unmetered_runs,
        case
            when card.currency is not null
                then cast(coalesce(billed.amount, 0) as decimal(18, 3))
        end as amount,
        card.currency
    from used
    cross join card
    left join billed
        on
            used.tenant = billed.tenant
            and used.billing_month = billed.billing_month
            and used.dimension = billed.dimension
            and used.entity_id = billed.entity_id
    left join labels
        on
            used.tenant = labels.tenant
            and used.dimension = labels.dimension
            and used.entity_id = labels.entity_id
)

select
    tenant,
    billing_month as month,
    dimension,
    entity_id,
    row_number() over (
        partition by tenant, billing_month, dimension
        order by amount desc nulls last, runs desc, label asc, entity_id asc
    ) as position,
    label,
    is_gone,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    unlisted_runs,
    unknown_billing_runs,
    unmetered_runs,
    amount,
    currency
from described
