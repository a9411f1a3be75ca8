-- What each cost centre is charged for a month, beside the month before and a budget;
-- of closed months this is what they show in later ones, not their own statement.
-- grain: tenant, billing_month, cost_center
-- conserves: sum(amount) per the grain = charges by tenant, month, cost_center

-- A cost centre has a row where it is charged, was charged or has a budget, which is
-- for all tenants together and stands once.
with entries as (
    select
        tenant,
        month as billing_month,
        cost_center,
        kind,
        amount
    from charges
    union all by name
    select
        tenant,
        cast(month + interval 1 month as date) as billing_month,
        cost_center,
        amount as prior_amount
    from charges
    union all by name
    select
        tenant,
        billing_month,
        cost_center,
        budget,
        budgeted_amount
    from _budgets
),

-- Zeros are true ones: the month has days, and nothing on the card was used in it.
compared as (
    select
        tenant,
        billing_month,
        cost_center,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(amount) filter (where kind = 'usage'), 0) as usage_amount,
        coalesce(sum(amount) filter (where kind = 'fixed'), 0) as fixed_amount,
        coalesce(sum(amount) filter (where kind = 'adjustment'), 0)
            as adjustment_amount,
        sum(prior_amount) as prior_amount,
        sum(budget) as budget, -- one row, as of what it is for
        sum(budgeted_amount) as budgeted_amount,
        count(*) = count(prior_amount) as is_of_prior
    from entries
    group by tenant, billing_month, cost_center
)

select
    compared.tenant,
    compared.billing_month,
    compared.cost_center,
    to_amount(compared.amount) as amount,
    to_amount(compared.usage_amount) as usage_amount,
    to_amount(compared.fixed_amount) as fixed_amount,
    to_amount(compared.adjustment_amount) as adjustment_amount,
    -- Unknown where nothing of the month before was read.
    case
        when earlier.covered_days > 0 or compared.prior_amount is not null
            then to_amount(coalesce(compared.prior_amount, 0))
    end as prior_amount,
    to_amount(compared.budget) as budget,
    to_amount(compared.budgeted_amount) as budgeted_amount,
    to_amount(
        sum(compared.amount) over (
            partition by
                compared.tenant,
                compared.cost_center,
                date_trunc('year', compared.billing_month)
            order by compared.billing_month
        )
    ) as ytd_amount,
    getvariable('priced_currency') as currency,
    coalesce(months.covered_days, 0) as covered_days -- no row: nothing was read
from compared
left join int_tenant_months as months
    on
        compared.tenant = months.tenant
        and compared.billing_month = months.billing_month
left join int_tenant_months as earlier
    on
        compared.tenant = earlier.tenant
        and compared.billing_month
        = cast(earlier.billing_month + interval 1 month as date)
-- There is no statement where nothing has a price. What was charged the month before
-- has no row in a month that is yet to come.
where
    getvariable('priced_currency') is not null
    and (months.tenant is not null or not compared.is_of_prior)
