-- The 100 dearest owners and spaces and 50 automations of a month, over all tenants.
-- grain: month, dimension, position
-- conserves: sum(amount), sum(runs) per month, dimension = usage_monthly

with details as (
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        nullif(email, label) as detail
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        type as detail
    from spaces
    union all
    select
        automations.tenant,
        'automation' as dimension,
        automations.automation_id as entity_id,
        owners.label as detail
    from automations
    left join owners
        on
            automations.tenant = owners.tenant
            and automations.owner_id = owners.owner_id
),

ranked as (
    select
        used.month as usage_month,
        used.dimension,
        used.tenant,
        used.entity_id,
        used.label,
        details.detail,
        used.is_deleted,
        used.runs,
        used.third_party_runs,
        used.failed_runs,
        used.duration_seconds,
        used.bandwidth_in_bytes,
        used.bandwidth_out_bytes,
        used.amount,
        used.currency,
        row_number() over (
            partition by used.month, used.dimension
            order by
                used.amount desc nulls last,
                used.runs desc nulls last,
                used.label asc,
                used.tenant asc,
                used.entity_id asc
        ) as entity_rank
    from usage_monthly as used
    left join details
        on
            used.tenant = details.tenant
            and used.dimension = details.dimension
            and used.entity_id = details.entity_id
),

-- The others share one row, so that the rows sum to the month.
placed as (
    select
        usage_month,
        dimension,
        tenant,
        entity_id,
        label,
        detail,
        is_deleted,
        runs,
        third_party_runs,
        failed_runs,
        duration_seconds,
        bandwidth_in_bytes,
        bandwidth_out_bytes,
        amount,
        currency,
        least(
            entity_rank, case when dimension = 'automation' then 51 else 101 end
        ) as position
    from ranked
),

rows_of_page as (
    select
        usage_month,
        dimension,
        position,
        count(*) as entity_count,
        position = case when dimension = 'automation' then 51 else 101 end as is_rest,
        max(tenant) as tenant,
        max(entity_id) as entity_id,
        max(label) as label,
        max(detail) as detail,
        bool_and(is_deleted) as is_deleted,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        cast(sum(amount) as decimal(18, 3)) as amount,
        max(currency) as currency
    from placed
    group by usage_month, dimension, position
)

select
    usage_month as month,
    dimension,
    position,
    is_rest,
    entity_count,
    case when not is_rest then tenant end as tenant,
    case when not is_rest then entity_id end as entity_id,
    case when not is_rest then label end as label,
    case when not is_rest then detail end as detail,
    case when not is_rest then is_deleted end as is_deleted,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    amount,
    currency,
    -- Shares are for reading, not for booking. Of nothing there is none: null.
    cast(
        amount
        / nullif(sum(amount) over (partition by usage_month, dimension), 0)
        as decimal(18, 6)
    ) as amount_ratio,
    cast(
        runs
        / nullif(sum(runs) over (partition by usage_month, dimension), 0)
        as decimal(18, 6)
    ) as runs_ratio
from rows_of_page
