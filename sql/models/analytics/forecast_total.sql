-- What sums of the running month are expected to come to: of all tenants, of all cost
-- centres, or of both together, whose name is empty then.
-- grain: tenant, month, cost_center
-- conserves: sum(forecast_amount) per tenant, month where tenant != '' = forecast

-- A sum has a band of its own: the errors of cost centres cancel out in part.
select
    tenant,
    billing_month as month,
    cost_center,
    to_date_amount,
    coming_amount,
    forecast_amount,
    low_amount,
    high_amount,
    error_months,
    error_ratio,
    budget,
    expected_remaining,
    currency
from _forecast_banded
where tenant = '' or cost_center = ''
