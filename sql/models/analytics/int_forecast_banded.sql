-- What the running month is expected to come to, and between which amounts.
-- grain: tenant, billing_month, cost_center

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
-- three errors make none. In millionths of the currency: what is fixed is certain.
expected as (
    select
        summed.*,
        coalesce(judged.error_months, 0) as error_months, -- a count
        judged.error_ratio,
        cast(getvariable('micros_per_minor') as hugeint) as per_minor,
        case
            when judged.error_months >= 3
                then
                    cast(
                        1000000
                        * greatest(
                            summed.usage_to_date,
                            (summed.usage_to_date + summed.coming_amount)
                            * (1 + least(judged.low_ratio, 0))
                        ) as hugeint
                    )
        end as low_micros,
        case
            when judged.error_months >= 3
                then
                    cast(
                        1000000
                        * (summed.usage_to_date + summed.coming_amount)
                        * (1 + greatest(judged.high_ratio, 0)) as hugeint
                    )
        end as high_micros
    from _forecast_summed as summed
    left join judged
        on
            summed.tenant = judged.tenant
            and summed.cost_center = judged.cost_center
),

-- Whole minor units, rounded half up.
rounded as (
    select
        *,
        fixed_amount + adjustment_amount as certain_amount,
        cast(
            (2 * low_micros + per_minor) // (2 * per_minor) * per_minor
            as decimal(24, 0)
        ) * 0.000001 as low_usage,
        cast(
            (2 * high_micros + per_minor) // (2 * per_minor) * per_minor
            as decimal(24, 0)
        ) * 0.000001 as high_usage
    from expected
)

select
    tenant,
    billing_month,
    cost_center,
    cast(usage_to_date + certain_amount as decimal(18, 3)) as to_date_amount,
    coming_amount,
    cast(
        usage_to_date + coming_amount + certain_amount as decimal(18, 3)
    ) as forecast_amount,
    cast(low_usage + certain_amount as decimal(18, 3)) as low_amount,
    cast(high_usage + certain_amount as decimal(18, 3)) as high_amount,
    error_months,
    error_ratio,
    budget,
    expected_rest,
    getvariable('currency') as currency
from rounded
