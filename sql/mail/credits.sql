-- The credit notes of all months, oldest first.
-- grain: statement_number

select
    month,
    cost_center,
    statement_number,
    reverses,
    amount,
    display_amount,
    display_currency,
    issued_date,
    reason,
    left(seal, 12) as seal
from marts.issued_statements
where kind = 'credit note'
order by entry
