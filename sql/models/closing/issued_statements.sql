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
    to_amount(sum(amount) over (partition by month)) as month_balance,
    display_amount,
    display_currency,
    sum_if_known(
        sum(display_amount) over statements,
        count(display_amount) over statements = count(*) over statements,
        min(display_currency) over statements,
        max(display_currency) over statements
    ) as statement_display_balance,
    sum_if_known(
        sum(display_amount) over months,
        count(display_amount) over months = count(*) over months,
        min(display_currency) over months,
        max(display_currency) over months
    ) as month_display_balance
from raw_register
window
    statements as (partition by tenant, month, cost_center),
    months as (partition by month)
