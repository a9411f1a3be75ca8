-- The owners behind most of what no cost centre rule takes, and all others in a row.
-- grain: month, position
-- conserves: sum(amount) per month = charges where cost_center = 'Unallocated'

-- What no rule takes belongs whole to nobody: ten thousand parts are a run. Fixed
-- amounts and corrections are of nobody.
with entries as (
    select
        tenant,
        billing_month,
        owner_id,
        automation_id,
        base_e4,
        meter
    from int_usage_shared
    where cost_center = 'Unallocated'
    union all by name
    select
        tenant,
        month as billing_month,
        coalesce(owner_id, 'shared') as owner_id,
        amount
    from charges
    where cost_center = 'Unallocated'
),

-- Where nothing is charged, nothing on the rate card was used: a true zero.
summed as (
    select
        tenant,
        billing_month,
        owner_id,
        count(distinct automation_id) as automations, -- a row for each meter and period
        coalesce(sum(base_e4) filter (where meter = 'runs') // 10000, 0) as runs,
        to_amount(coalesce(sum(amount), 0)) as amount
    from entries
    group by tenant, billing_month, owner_id
),

-- Fixed amounts and corrections keep a row of their own, the last.
ranked as (
    select
        summed.*,
        label_of(summed.owner_id, owners.label) as label,
        owners.detail,
        owners.is_deleted and owners.deleted_since <= last_day(summed.billing_month)
            as is_deleted,
        shown_rank_or_shared(
            summed.owner_id,
            row_number() over (
                partition by summed.billing_month
                order by
                    summed.owner_id = 'shared' asc,
                    summed.amount desc,
                    summed.runs desc,
                    coalesce(owners.label, summed.owner_id) asc,
                    summed.tenant asc,
                    summed.owner_id asc
            ),
            'owner'
        ) as position
    from summed
    left join int_labels as owners
        on
            summed.tenant = owners.tenant
            and owners.dimension = 'owner'
            and summed.owner_id = owners.entity_id
            and at_month_end(
                summed.billing_month, owners.shown_from, owners.shown_until
            )
)

select
    billing_month as month,
    position,
    is_remaining(position, 'owner') as is_rest,
    count(*) as entity_count,
    case when count(*) = 1 and not is_remaining(position, 'owner') then max(tenant) end
        as tenant,
    of_one(owner_id, position, 'owner') as entity_id,
    of_one(label, position, 'owner') as label,
    of_one(detail, position, 'owner') as detail,
    of_one(is_deleted, position, 'owner') as is_deleted,
    sum(automations) as automations,
    sum(runs) as runs,
    to_amount(sum(amount)) as amount
from ranked
group by billing_month, position
