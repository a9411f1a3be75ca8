-- What the running month is expected to come to, and between which amounts: of cost
-- centres, and of sums over tenants, cost centres or both, whose name is empty then.
-- grain: tenant, month, cost_center
-- conserves: sum(forecast_amount) per tenant, month where cost_center = '' =
--   forecast_levels where cost_center != ''

with judged as (
    select
        tenant,
        cost_center,
        count(error_ratio) as error_months,
        median(abs(error_ratio)) as error_ratio,
        quantile_cont(error_ratio, 0.1) as low_ratio,
        quantile_cont(error_ratio, 0.9) as high_ratio
    from forecast_errors
    group by tenant, cost_center
),

-- The forecast is in its band, which is no less than what was used already; fewer than
-- three errors make none. What is fixed is certain; errors are of usage before what is
-- included, which is the same amount however much is used beyond it.
expected as (
    select
        summed.*,
        coalesce(judged.error_months, 0) as error_months, -- a count
        judged.error_ratio,
        summed.fixed_amount + summed.adjustment_amount as certain_amount,
        case
            when judged.error_months >= 3
                then
                    greatest(
                        summed.usage_to_date,
                        summed.usage_to_date + summed.coming_amount
                        + summed.gross_amount * least(judged.low_ratio, 0)
                    )
        end as low_usage,
        case
            when judged.error_months >= 3
                then
                    summed.usage_to_date + summed.coming_amount
                    + summed.gross_amount * greatest(judged.high_ratio, 0)
        end as high_usage
    from _forecast_summed as summed
    left join judged
        on
            summed.tenant = judged.tenant
            and summed.cost_center = judged.cost_center
)

-- A sum has a band of its own: the errors of cost centres cancel out in part.
select
    tenant,
    billing_month as month,
    cost_center,
    to_amount(usage_to_date + certain_amount) as to_date_amount,
    coming_amount,
    to_amount(usage_to_date + coming_amount + certain_amount) as forecast_amount,
    to_amount(whole_minor(to_e6(low_usage)) + certain_amount) as low_amount,
    to_amount(whole_minor(to_e6(high_usage)) + certain_amount) as high_amount,
    error_months,
    error_ratio,
    budget,
    budgeted_amount,
    expected_remaining,
    unbudgeted_count,
    -- Of the cost centres without a budget, where others have one, of all tenants.
    case
        when tenant = '' and unbudgeted_count is not null
            then
                to_amount(
                    usage_to_date + coming_amount + certain_amount - budgeted_amount
                )
    end as unbudgeted_amount,
    getvariable('currency') as currency
from expected
