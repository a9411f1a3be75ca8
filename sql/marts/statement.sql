-- What each cost centre is charged for a month, beside the month before and a budget.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per tenant, month = charges

with card as (
    select max(currency) as currency -- they are all the same
    from seed_rates
),

charged as (
    select
        tenant,
        month as billing_month,
        cast(month + interval 1 month as date) as next_month,
        cost_center,
        sum(amount) as amount
    from charges
    group by tenant, month, cost_center
),

-- A budget is for all tenants together, and stands once: with the first tenant, by
-- name, that charges the cost centre in that month, else the first of all.
budgets as (
    select
        months.tenant,
        months.billing_month,
        seed_budgets.cost_center,
        seed_budgets.amount as budget
    from seed_budgets
    inner join card -- without prices there is no statement to compare with
        on card.currency is not null
    inner join int_tenant_months as months -- a month without days has no statement
        on seed_budgets.month = months.billing_month
    left join charged
        on
            months.tenant = charged.tenant
            and months.billing_month = charged.billing_month
            and seed_budgets.cost_center = charged.cost_center
    qualify
        row_number() over (
            partition by seed_budgets.cost_center, seed_budgets.month
            order by charged.tenant is null, months.tenant
        ) = 1
),

-- A cost centre has a row where it is charged, was charged or has a budget.
entries as (
    select
        tenant,
        billing_month,
        cost_center
    from charged
    union
    select
        charged.tenant,
        charged.next_month as billing_month,
        charged.cost_center
    from charged
    inner join int_tenant_months as months -- not for months that are yet to come
        on
            charged.tenant = months.tenant
            and charged.next_month = months.billing_month
    union
    select
        tenant,
        billing_month,
        cost_center
    from budgets
),

-- Zeros are true ones: the month has days, and nothing on the card was used in it.
compared as (
    select
        entries.tenant,
        entries.billing_month,
        entries.cost_center,
        cast(coalesce(charged.amount, 0) as decimal(18, 3)) as amount,
        case
            when prior_months.covered_days > 0 or last_charged.amount is not null
                then cast(coalesce(last_charged.amount, 0) as decimal(18, 3))
        end as prior_amount,
        budgets.budget,
        card.currency,
        months.covered_days,
        day(last_day(entries.billing_month)) as days_in_month
    from entries
    cross join card
    left join charged
        on
            entries.tenant = charged.tenant
            and entries.billing_month = charged.billing_month
            and entries.cost_center = charged.cost_center
    left join charged as last_charged
        on
            entries.tenant = last_charged.tenant
            and entries.billing_month = last_charged.next_month
            and entries.cost_center = last_charged.cost_center
    left join budgets
        on
            entries.tenant = budgets.tenant
            and entries.billing_month = budgets.billing_month
            and entries.cost_center = budgets.cost_center
    left join int_tenant_months as months
        on
            entries.tenant = months.tenant
            and entries.billing_month = months.billing_month
    left join int_tenant_months as prior_months
        on
            entries.tenant = prior_months.tenant
            and entries.billing_month
            = cast(prior_months.billing_month + interval 1 month as date)
)

select
    tenant,
    billing_month as month,
    cost_center,
    cost_center = 'Unallocated' as is_unallocated,
    amount,
    prior_amount,
    cast(amount - prior_amount as decimal(18, 3)) as change_amount,
    budget,
    cast(budget - amount as decimal(18, 3)) as budget_rest,
    currency,
    false as closed, -- this version closes no month
    coalesce(covered_days = days_in_month, false) as is_complete_month,
    coalesce(covered_days, 0) as covered_days, -- no coverage row: nothing was read
    days_in_month
from compared
