-- What is charged in a month beside the month before; in the running month also beside
-- the same days of it.
-- grain: tenant, billing_month, cost_center, kind, item, owner_id, space_id,
--   automation_id
-- by: month of billing_month, of all tenants, with the month before
-- conserves: sum(amount), sum(prior_amount) per tenant, cost_center =
--   sum(amount), sum(amount) of charges

-- The days were priced as if the month had ended with them: allowance, tiers and the
-- shares of fixed amounts are of their usage. Corrections are of no day, and whole.
with entries as (
    select
        tenant,
        month as billing_month,
        cost_center,
        kind,
        coalesce(item, corrects_statement) as item,
        owner_id,
        space_id,
        automation_id,
        amount
    from charges
    union all by name
    select
        tenant,
        cast(month + interval 1 month as date) as billing_month,
        cost_center,
        kind,
        coalesce(item, corrects_statement) as item,
        owner_id,
        space_id,
        automation_id,
        amount as prior_amount,
        case when kind = 'adjustment' or not precedes_running(month) then amount end
            as comparable_prior_amount
    from charges
    union all by name
    select
        tenant,
        cast(billing_month + interval 1 month as date) as billing_month,
        cost_center,
        kind,
        owner_id,
        space_id,
        automation_id,
        amount as comparable_prior_amount
    from raw_prior_to_date
)

-- Items are of fixed amounts, and of corrections the statement that they correct; what
-- is priced for some days has none. Amounts are null where nothing was charged in the
-- month, in the one before, or on its days.
select
    tenant,
    billing_month,
    cost_center,
    kind,
    coalesce(item, '') as item,
    coalesce(owner_id, 'shared') as owner_id,
    coalesce(space_id, 'shared') as space_id,
    coalesce(automation_id, 'shared') as automation_id,
    to_amount(sum(amount)) as amount,
    to_amount(sum(prior_amount)) as prior_amount,
    to_amount(sum(comparable_prior_amount)) as comparable_prior_amount
from entries
group by
    tenant,
    billing_month,
    cost_center,
    kind,
    coalesce(item, ''),
    coalesce(owner_id, 'shared'),
    coalesce(space_id, 'shared'),
    coalesce(automation_id, 'shared')
