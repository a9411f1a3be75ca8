-- Cost centres whose running month is expected to exceed its budget, over all tenants.
-- grain: subject, tenant, name, since_date

select
    'forecasts' as subject,
    tenant,
    cost_center as name,
    month as since_date,
    '' as mark_percent,
    forecast_amount as amount,
    budget as compared_amount,
    to_date_amount,
    currency,
    [cost_center] as cost_centers
from marts.forecast_levels
where
    tenant = ''
    and cost_center != ''
    and month = date_trunc('month', getvariable('mail_as_of') - interval 1 day)
    and budget > 0
    and forecast_amount > budget
    and to_date_amount <= budget
order by all
