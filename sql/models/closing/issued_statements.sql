-- The register: each statement that was issued, in each version, and each credit note.
-- grain: statement_number, version
-- conserves: sum(amount) per tenant, month, cost_center = raw_closed_statement

-- A version that is reversed and its credit note come to nothing; what remains is what
-- stands.
select
    statement_number,
    version,
    kind,
    tenant,
    month,
    cost_center,
    amount,
    currency,
    issued_at at time zone 'UTC' as issued_at,
    issued_date,
    seal,
    reverses,
    reason,
    booked_month,
    entry
from raw_register
