-- What a cost centre's running month is expected to come to over all tenants.
-- grain: month, cost_center

select
    billing_month as month,
    cost_center,
    cost_center = 'Unallocated' as is_unallocated,
    to_date_amount,
    coming_amount,
    forecast_amount,
    low_amount,
    high_amount,
    error_months,
    error_ratio,
    budget,
    expected_rest,
    currency
from int_forecast_banded
where tenant = '' and cost_center != ''
