-- Months that are closed: when, on what basis, and what was charged for them.
-- grain: tenant, month
-- conserves: sum(amount), sum(lines) per tenant, month =
--   sum(amount), sum(1) of raw_closed_charges

select
    tenant,
    month,
    statement_version,
    closed_at at time zone 'UTC' as closed_at,
    as_of as as_of_date,
    reason,
    version,
    revision,
    statements,
    lines,
    amount,
    currency,
    usage_days,
    runs_days,
    days_in_month,
    cast(as_of + to_days(cast(dispute_days as integer)) as date) as dispute_until_date
from raw_closed_months
