-- What a tenant's running month is expected to come to, and that of all tenants.
-- grain: tenant, month

select
    tenant,
    billing_month as month,
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
where cost_center = ''
