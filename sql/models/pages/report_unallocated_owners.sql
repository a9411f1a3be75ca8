-- The 100 owners behind most of what no rule takes in a month, and all others in a row.
-- grain: month, position
-- conserves: sum(amount), sum(runs), sum(automations) per month = report_unallocated

-- Fixed amounts and corrections keep a row of their own, the last.
with ranked as (
    select
        month as billing_month,
        tenant,
        owner_id,
        label,
        email,
        is_deleted,
        automations,
        runs,
        amount,
        row_number() over (
            partition by month
            order by
                owner_id = 'shared' asc,
                amount desc,
                runs desc,
                label asc,
                tenant asc,
                owner_id asc
        ) as owner_rank
    from report_unallocated
),

placed as (
    select
        billing_month,
        case when owner_id = 'shared' then 102 else least(owner_rank, 101) end
            as position,
        count(*) as entity_count,
        max(tenant) as tenant,
        max(owner_id) as owner_id,
        max(label) as label,
        max(email) as email,
        bool_and(is_deleted) as is_deleted,
        sum(automations) as automations,
        sum(runs) as runs,
        cast(sum(amount) as decimal(18, 3)) as amount
    from ranked
    group by
        billing_month,
        case when owner_id = 'shared' then 102 else least(owner_rank, 101) end
)

select
    billing_month as month,
    position,
    position = 101 as is_rest,
    entity_count,
    case when entity_count = 1 and position != 101 then tenant end as tenant,
    case when position != 101 then owner_id end as entity_id,
    case when position != 101 then label end as label,
    case when position < 101 then email end as detail,
    case when position < 101 then is_deleted end as is_deleted,
    automations,
    runs,
    amount
from placed
