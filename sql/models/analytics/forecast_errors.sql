-- What usage of past months came to against its forecast with as many days to come.
-- grain: tenant, month, cost_center

-- Also for all tenants and all cost centres together, whose name is empty then: errors
-- of sums are smaller than sums of errors.
with judged as (
    select
        coalesce(tenant, '') as tenant,
        billing_month,
        coalesce(cost_center, '') as cost_center,
        case
            when grouping(tenant) = 1 then bool_and(are_all_judged)
            else bool_and(is_judged)
        end as is_judged,
        sum(to_date_amount + coming_amount) as forecast_amount,
        sum(actual_amount) as actual_amount
    from _forecasts
    where not is_running
    group by
        grouping sets (
            (tenant, billing_month, cost_center),
            (tenant, billing_month),
            (billing_month, cost_center),
            (billing_month)
        )
)

-- Of a forecast of nothing no part can be said; a ratio of a million is enough of one.
select
    tenant,
    billing_month as month,
    cost_center,
    cast(forecast_amount as decimal(33, 6)) as forecast_amount,
    cast(actual_amount as decimal(33, 6)) as actual_amount,
    case
        when forecast_amount > 0
            then
                cast(
                    least((actual_amount - forecast_amount) / forecast_amount, 999999)
                    as decimal(33, 6)
                )
    end as error_ratio
from judged
where is_judged
