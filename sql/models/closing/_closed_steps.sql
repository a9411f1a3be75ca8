-- A closed month that would be charged otherwise today, from what was frozen to today.
-- grain: tenant, closed_month, cause, step, cost_center, kind, subject
-- conserves: sum(case step when 3 then amount when 0 then -amount end)
--   per tenant, closed_month, cost_center, kind, subject =
--   sum(amount) of int_closed_differences

with differing as (
    select
        tenant,
        closed_month
    from int_closed_differences
    group by tenant, closed_month
),

-- Step 0 is what was frozen, and each correction that is booked, by its cause. Step 1
-- has today's usage, step 2 today's prices too, step 3 is today.
steps as (
    select
        tenant,
        coalesce(corrects_month, month) as closed_month,
        coalesce(cause, '') as cause, -- charges of the month itself have none
        0 as step,
        cost_center,
        case when meter is null then 'fixed' else 'usage' end as kind,
        coalesce(meter, item) as subject, -- a line is of one or the other
        base_quantity,
        amount
    from raw_closed_charges
    union all
    select
        tenant,
        billing_month as closed_month,
        '' as cause,
        step,
        cost_center,
        kind,
        coalesce(meter, item) as subject, -- a line is of one or the other
        base_quantity,
        amount
    from raw_repriced
    union all
    select
        tenant,
        billing_month as closed_month,
        '' as cause,
        3 as step,
        cost_center,
        kind,
        coalesce(meter, item) as subject,
        base_quantity,
        amount
    from int_charges
)

select
    steps.tenant,
    steps.closed_month,
    steps.cause,
    steps.step,
    steps.cost_center,
    steps.kind,
    steps.subject,
    cast(sum(steps.base_quantity) as decimal(38, 4)) as base_quantity,
    cast(sum(steps.amount) as decimal(30, 3)) as amount
from steps
inner join differing -- other months need no correction
    on
        steps.tenant = differing.tenant
        and steps.closed_month = differing.closed_month
group by
    steps.tenant,
    steps.closed_month,
    steps.cause,
    steps.step,
    steps.cost_center,
    steps.kind,
    steps.subject
