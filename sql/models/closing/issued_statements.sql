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
    entry,
    statement_number || ' v' || version as document_name,
    to_amount(sum(amount) over (partition by tenant, month, cost_center))
        as statement_balance,
    to_amount(sum(amount) over (partition by month)) as month_balance
from raw_register
