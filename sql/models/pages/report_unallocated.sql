-- What no cost centre rule takes, by owner: whom to ask for a rule.
-- grain: tenant, month, owner_id
-- conserves: sum(amount) per tenant, month = charges where cost_center = 'Unallocated'

with billed as (
    select
        tenant,
        month as billing_month,
        -- Fixed amounts and corrections are of nobody.
        coalesce(owner_id, 'shared') as owner_id,
        sum(amount) as amount
    from charges
    where cost_center = 'Unallocated'
    group by tenant, month, coalesce(owner_id, 'shared')
),

-- What no rule takes belongs whole to nobody: ten thousand parts are a run.
used as (
    select
        tenant,
        billing_month,
        owner_id,
        count(distinct automation_id) as automations, -- a row for each stretch of days
        sum(base_e4) filter (where meter = 'runs') // 10000 as runs
    from int_usage_shared
    where cost_center = 'Unallocated'
    group by tenant, billing_month, owner_id
),

-- Where nothing is charged, nothing on the rate card was used: a true zero.
described as (
    select
        coalesce(used.tenant, billed.tenant) as tenant,
        coalesce(used.billing_month, billed.billing_month) as billing_month,
        coalesce(used.owner_id, billed.owner_id) as owner_id,
        coalesce(used.automations, 0) as automations,
        coalesce(used.runs, 0) as runs,
        cast(coalesce(billed.amount, 0) as decimal(18, 3)) as amount
    from used
    full join billed
        on
            used.tenant = billed.tenant
            and used.billing_month = billed.billing_month
            and used.owner_id = billed.owner_id
)

select
    described.tenant,
    described.billing_month as month,
    described.owner_id,
    row_number() over (
        partition by described.tenant, described.billing_month
        order by
            described.owner_id = 'shared',
            described.amount desc,
            described.runs desc,
            owners.label asc,
            described.owner_id asc
    ) as position,
    case
        when described.owner_id = 'shared' then 'Fixed amounts and corrections'
        else coalesce(owners.label, described.owner_id)
    end as label,
    owners.email,
    owners.is_deleted,
    described.automations,
    described.runs,
    described.amount,
    getvariable('currency') as currency
from described
left join owners
    on
        described.tenant = owners.tenant
        and described.owner_id = owners.owner_id
