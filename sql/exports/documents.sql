-- What was issued of a month: statements in each version, credit notes, their seals.
-- grain: statement_number, version
-- conserves: sum(amount) per tenant, cost_center = marts.issued_statements where
--   month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    tenant,
    month,
    cost_center,
    statement_number,
    version,
    kind,
    amount,
    currency,
    issued_date,
    booked_month,
    reverses,
    reason,
    left(seal, 12) as seal,
    display_amount,
    display_currency
from marts.issued_statements
where
    month = getvariable('export_month')
    and cost_center = coalesce(getvariable('export_cost_center'), cost_center)
order by entry
