-- What each cost centre is charged for a month, beside the month before and a budget;
-- of closed months this is what they show in later ones, not their own statement.
-- grain: tenant, billing_month, cost_center
-- conserves: sum(amount) per the grain = charges by tenant, month, cost_center

-- No row: neither prices nor fixed amounts are set, and nothing was closed, so that
-- there is no statement.
with card as (
    select getvariable('currency') as currency
    where
        (select count(*) from finance_rates)
        + (select count(*) from finance_fixed_costs)
        + (select count(*) from raw_closed_months)
        > 0
),

charged as (
    select
        tenant,
        month as billing_month,
        cast(month + interval 1 month as date) as next_month,
        cost_center,
        sum(amount) as amount,
        -- True zeros: a sum of no lines of a kind.
        coalesce(sum(amount) filter (where kind = 'usage'), 0) as usage_amount,
        coalesce(sum(amount) filter (where kind = 'fixed'), 0) as fixed_amount,
        coalesce(
            sum(amount) filter (where kind = 'adjustment'), 0
        ) as adjustment_amount
    from charges
    group by tenant, month, cost_center
),

-- A cost centre has a row where it is charged, was charged or has a budget, which is
-- for all tenants together and stands once.
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
        homes.tenant,
        homes.billing_month,
        homes.cost_center
    from int_cost_center_homes as homes
    inner join finance_budgets as budgets
        on
            homes.billing_month = budgets.month
            and homes.cost_center = budgets.cost_center
),

-- Zeros are true ones: the month has days, and nothing on the card was used in it.
compared as (
    select
        entries.tenant,
        entries.billing_month,
        entries.cost_center,
        cast(coalesce(charged.amount, 0) as decimal(18, 3)) as amount,
        cast(coalesce(charged.usage_amount, 0) as decimal(18, 3)) as usage_amount,
        cast(coalesce(charged.fixed_amount, 0) as decimal(18, 3)) as fixed_amount,
        cast(
            coalesce(charged.adjustment_amount, 0) as decimal(18, 3)
        ) as adjustment_amount,
        case
            when prior_months.covered_days > 0 or last_charged.amount is not null
                then cast(coalesce(last_charged.amount, 0) as decimal(18, 3))
        end as prior_amount,
        budgets.amount as budget,
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
    left join int_cost_center_homes as homes
        on
            entries.tenant = homes.tenant
            and entries.billing_month = homes.billing_month
            and entries.cost_center = homes.cost_center
    left join finance_budgets as budgets
        on
            homes.billing_month = budgets.month
            and homes.cost_center = budgets.cost_center
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
    billing_month,
    cost_center,
    tenant
    || strftime(billing_month, '-%Y-%m-')
    || lpad(
        cast(
            row_number() over (partition by tenant, billing_month order by cost_center)
            as varchar
        ),
        3,
        '0'
    ) as statement_number,
    cost_center = 'Unallocated' as is_unallocated,
    amount,
    usage_amount,
    fixed_amount,
    adjustment_amount,
    prior_amount,
    cast(amount - prior_amount as decimal(18, 3)) as change_amount,
    budget,
    cast(budget - amount as decimal(18, 3)) as budget_rest,
    cast(
        sum(amount) over (
            partition by tenant, cost_center, date_trunc('year', billing_month)
            order by billing_month
        ) as decimal(18, 3)
    ) as ytd_amount,
    currency,
    coalesce(covered_days = days_in_month, false) as is_complete_month,
    coalesce(covered_days, 0) as covered_days, -- no coverage row: nothing was read
    days_in_month,
    -- What a reader may ask the warehouse to see what the amount is made of.
    'select * from marts.charges where tenant = '''
    || tenant
    || ''' and month = date '''
    || billing_month
    || ''' and cost_center = '''
    || replace(cost_center, '''', '''''')
    || '''' as trace_query
from compared
