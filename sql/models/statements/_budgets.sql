-- The budget of a cost centre in a month, and what all tenants are charged against it.
-- grain: billing_month, cost_center
-- conserves: nothing: a budget is not divided, and stands with one tenant

-- A budget is of all tenants together.
with charged as (
    select
        month as billing_month,
        cost_center,
        sum(amount) as amount
    from charges
    group by month, cost_center
),

-- What a tenant's closed month has shown already.
frozen as (
    select
        month as billing_month,
        cost_center
    from raw_closed_statement
    where budget is not null
    group by month, cost_center
)

-- A true zero: no tenant is charged anything. The tenant is where the budget stands.
select
    homes.tenant,
    homes.billing_month,
    homes.cost_center,
    budgets.amount as budget,
    coalesce(charged.amount, 0) as budgeted_amount
from int_cost_center_homes as homes
inner join finance_budgets as budgets -- drops what has no budget
    on
        homes.billing_month = budgets.month
        and homes.cost_center = budgets.cost_center
left join charged
    on
        homes.billing_month = charged.billing_month
        and homes.cost_center = charged.cost_center
left join frozen
    on
        homes.billing_month = frozen.billing_month
        and homes.cost_center = frozen.cost_center
where frozen.cost_center is null
