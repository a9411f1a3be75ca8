-- What a cost centre's running month is expected to come to, beside its budget.
-- grain: tenant, month, cost_center

select
    tenant,
    month,
    cost_center,
    to_date_amount,
    coming_amount,
    forecast_amount,
    low_amount,
    high_amount,
    error_months,
    error_ratio,
    budget,
    budgeted_amount,
    expected_remaining,
    currency
from forecast_levels
where tenant != '' and cost_center != ''
