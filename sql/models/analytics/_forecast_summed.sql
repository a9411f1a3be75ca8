-- What the running month has cost so far, what is to come, what is fixed, the budget.
-- grain: tenant, billing_month, cost_center

-- What is to come is rounded to minor units, so that sums are those of the lines. Zeros
-- are true ones: no usage in 28 days, nothing left that is included.
with lines as (
    select
        statement.tenant,
        statement.month as billing_month,
        statement.cost_center,
        statement.usage_amount as usage_to_date,
        statement.fixed_amount,
        statement.adjustment_amount,
        statement.budget,
        whole_minor(
            to_e6(
                coalesce(forecasts.coming_amount, 0)
                - coalesce(included.included_amount, 0)
            )
        ) as coming_amount,
        coalesce(forecasts.to_date_amount + forecasts.coming_amount, 0) as gross_amount
    from statement
    inner join _forecast_origins as origins -- drops months that are over
        on
            statement.tenant = origins.tenant
            and statement.month = origins.billing_month
            and origins.is_running
    left join _forecasts as forecasts
        on
            statement.tenant = forecasts.tenant
            and statement.month = forecasts.billing_month
            and statement.cost_center = forecasts.cost_center
    left join _forecast_included as included
        on
            statement.tenant = included.tenant
            and statement.month = included.billing_month
            and statement.cost_center = included.cost_center
),

-- A budget is of a cost centre over all tenants, and stands with the first of them.
centers as (
    select
        coalesce(tenant, '') as tenant,
        billing_month,
        cost_center,
        sum(usage_to_date) as usage_to_date,
        sum(coming_amount) as coming_amount,
        sum(gross_amount) as gross_amount,
        sum(fixed_amount) as fixed_amount,
        sum(adjustment_amount) as adjustment_amount,
        sum(budget) as budget,
        sum(usage_to_date + coming_amount + fixed_amount + adjustment_amount)
            as expected_amount
    from lines
    group by
        grouping sets (
            (tenant, billing_month, cost_center), (billing_month, cost_center)
        )
),

budgeted as (
    select
        *,
        case
            when budget is not null
                then
                    max(expected_amount) filter (where tenant = '') over (
                        partition by billing_month, cost_center
                    )
        end as budgeted_amount
    from centers
)

-- Also for all tenants and all cost centres together, whose name is empty then. What is
-- left of budgets is theirs less what is expected of those that have one.
select
    tenant,
    billing_month,
    coalesce(cost_center, '') as cost_center,
    cast(sum(usage_to_date) as decimal(30, 3)) as usage_to_date,
    cast(sum(coming_amount) as decimal(30, 3)) as coming_amount,
    cast(sum(gross_amount) as decimal(33, 6)) as gross_amount,
    cast(sum(fixed_amount) as decimal(30, 3)) as fixed_amount,
    cast(sum(adjustment_amount) as decimal(30, 3)) as adjustment_amount,
    cast(sum(budget) as decimal(30, 3)) as budget,
    cast(sum(budgeted_amount) as decimal(30, 3)) as budgeted_amount,
    cast(sum(budget - budgeted_amount) as decimal(30, 3)) as expected_remaining,
    case when count(budget) > 0 then count(*) filter (where budget is null) end
        as unbudgeted_count
from budgeted
group by grouping sets ((tenant, billing_month, cost_center), (tenant, billing_month))
