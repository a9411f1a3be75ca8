-- Usage summed over stretches of days in which no price and no rule changes.
-- grain: tenant, period_start, automation_id, owner_id, space_id
-- conserves: sum(runs), sum(third_party_runs), sum(duration_seconds),
--   sum(bandwidth_bytes), sum(api_calls) per tenant, billing_month = sum(runs),
--   sum(third_party_runs), sum(duration_seconds), sum(bandwidth_in_bytes +
--   bandwidth_out_bytes), sum(api_calls) of automation_daily by tenant,
--   date_trunc('month', date) where getvariable('priced_month') is null
--   or date_trunc('month', date) = getvariable('priced_month')

select
    used.tenant,
    billing_days.billing_month,
    billing_days.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id,
    sum(used.runs) as runs,
    sum(used.third_party_runs) as third_party_runs,
    sum(used.duration_seconds) as duration_seconds,
    sum(used.bandwidth_in_bytes)
    + sum(used.bandwidth_out_bytes) as bandwidth_bytes,
    sum(used.api_calls) as api_calls
from automation_daily as used
inner join int_billing_days as billing_days -- drops nothing: a row for each date
    on used.date = billing_days.usage_date
-- A question about one month, such as what a correction is for, asks for no other.
where
    getvariable('priced_month') is null
    or billing_days.billing_month = getvariable('priced_month')
group by
    used.tenant,
    billing_days.billing_month,
    billing_days.period_start,
    used.automation_id,
    used.owner_id,
    used.space_id
