-- Usage of each meter summed over periods in which no price changes and no rule.
-- grain: tenant, period_start, automation_id, owner_id, space_id, meter
-- by: month of billing_month, of all tenants
-- conserves: sum(base_quantity) per tenant, billing_month, automation_id, meter =
--   int_meter_daily by tenant, date_trunc('month', usage_date), automation_id, meter
--   where date_trunc('month', usage_date)
--   = coalesce(getvariable('priced_month'), date_trunc('month', usage_date))

select
    used.tenant,
    billing_days.billing_month,
    billing_days.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.meter,
    sum(used.base_quantity) as base_quantity,
    -- Of its days the first one, and the most that was used on any.
    min(used.usage_date) as first_date,
    max(used.base_quantity) as peak_quantity
from int_meter_daily as used
inner join int_billing_days as billing_days -- drops nothing: a row for each date
    on
        used.tenant = billing_days.tenant
        and used.usage_date = billing_days.usage_date
where
    used.base_quantity is not null -- unknown is no row
    -- A question about one month, such as what a correction is for, asks for no other,
    -- and one about days of it for no others.
    and billing_days.billing_month
    = coalesce(getvariable('priced_month'), billing_days.billing_month)
    and coalesce(list_contains(getvariable('priced_days'), used.usage_date), true)
group by
    used.tenant,
    billing_days.billing_month,
    billing_days.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id,
    used.meter
