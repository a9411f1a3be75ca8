-- What each owner, space and automation used and is charged in a month, ranked.
-- grain: tenant, month, dimension, entity_id
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'owner' = automation_daily by tenant, date_trunc('month', date)
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'space' = automation_daily by tenant, date_trunc('month', date)
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'automation' = automation_daily by tenant, date_trunc('month',
--   date)
-- conserves: sum(amount) per tenant, month where dimension = 'owner' = charges
-- conserves: sum(amount) per tenant, month where dimension = 'automation' = charges

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
        -- One is grouped by; fixed amounts and corrections are of none of them.
        coalesce(owner_id, space_id, automation_id, 'shared') as entity_id,
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
        is_deleted
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label,
        is_deleted
    from spaces
    union all
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        label,
        is_deleted
    from automations
),

card as (
    select -- null: nothing has a price
        case
            when
                (select count(*) from finance_rates)
                + (select count(*) from finance_fixed_costs)
                + (select count(*) from raw_closed_months)
                > 0
                then getvariable('currency')
        end as currency
),

-- Where prices are set and no line stands, nothing on the card was used: a true zero.
-- The full join keeps what is charged without usage: fixed amounts and corrections.
described as (
    select
        coalesce(used.tenant, billed.tenant) as tenant,
        coalesce(used.billing_month, billed.billing_month) as billing_month,
        coalesce(used.dimension, billed.dimension) as dimension,
        coalesce(used.entity_id, billed.entity_id) as entity_id,
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
    full join billed
        on
            used.tenant = billed.tenant
            and used.billing_month = billed.billing_month
            and used.dimension = billed.dimension
            and used.entity_id = billed.entity_id
    cross join card
)

select
    described.tenant,
    described.billing_month as month,
    described.dimension,
    described.entity_id,
    row_number() over (
        partition by
            described.tenant, described.billing_month, described.dimension
        order by
            described.entity_id = 'shared',
            described.amount desc nulls last,
            described.runs desc,
            labels.label asc,
            described.entity_id asc
    ) as position,
    case
        when described.entity_id = 'shared' then 'Fixed amounts and corrections'
        else coalesce(labels.label, described.entity_id)
    end as label,
    labels.is_deleted,
    described.runs,
    described.third_party_runs,
    described.failed_runs,
    described.duration_seconds,
    described.bandwidth_in_bytes,
    described.bandwidth_out_bytes,
    described.unlisted_runs,
    described.unknown_billing_runs,
    described.unmetered_runs,
    described.amount,
    described.currency
from described
left join labels
    on
        described.tenant = labels.tenant
        and described.dimension = labels.dimension
        and described.entity_id = labels.entity_id
