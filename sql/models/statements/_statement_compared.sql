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
        amount,
        is_of_no_tenant
    from charges
    union all by name
    select
        tenant,
        billing_month,
        cost_center,
        prior_amount,
        comparable_prior_amount
    from int_charges_compared
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
        to_amount(coalesce(sum(amount), 0)) as amount,
        amount_of(kind = 'usage', amount) as usage_amount,
        amount_of(kind = 'fixed', amount) as fixed_amount,
        amount_of(kind = 'adjustment', amount) as adjustment_amount,
        amount_of(is_of_no_tenant, amount) as no_tenant_amount,
        to_amount(sum(budget)) as budget, -- one row, as of what it is for
        to_amount(sum(budgeted_amount)) as budgeted_amount,
        to_amount(
            sum(coalesce(sum(amount), 0)) over (
                partition by tenant, cost_center, date_trunc('year', billing_month)
                order by billing_month
            )
        ) as ytd_amount,
        sum(prior_amount) as prior_sum,
        sum(comparable_prior_amount) as comparable_sum,
        coalesce(billing_month = getvariable('running_month'), false) as is_running,
        count(*) = count(prior_amount) as is_of_prior
    from entries
    group by tenant, billing_month, cost_center
)

-- Unknown where nothing of the month before was read, or nothing of the same days.
select
    compared.*,
    case
        when earlier.covered_days > 0 or compared.prior_sum is not null
            then to_amount(coalesce(compared.prior_sum, 0))
    end as prior_amount,
    case
        when
            earlier.compared_days > 0
            or (compared.prior_sum is not null and not compared.is_running)
            then to_amount(coalesce(compared.comparable_sum, 0))
    end as comparable_prior_amount,
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
