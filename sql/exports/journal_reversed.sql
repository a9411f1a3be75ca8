-- Statements that were reversed, and their credit notes, as ledger postings: two each.
-- grain: document_number, statement_version, statement_line
-- conserves: sum(debit) per document_number, statement_version = sum(credit) of
--   journal_reversed

with reversed as (
    select
        documents.*,
        documents.kind = 'credit note' as is_credit
    from marts.issued_statements as documents
    anti join marts.statement as standing
        on
            documents.statement_number = standing.statement_number
            and documents.version = standing.statement_version
    where
        documents.month = getvariable('export_month')
        and documents.cost_center = coalesce(
            getvariable('export_cost_center'), documents.cost_center
        )
),

-- The amount as a whole: its lines are in the journal of the version.
postings as (
    select
        *,
        1 as statement_line,
        getvariable('export_expense_account') as ledger_account,
        amount as posted
    from reversed
    union all
    select
        *,
        0 as statement_line,
        getvariable('export_clearing_account') as ledger_account,
        -amount as posted
    from reversed
)

-- What is less than nothing changes sides.
select
    statement_number as document_number,
    statement_line,
    -- A credit note is booked when it is issued.
    case when is_credit then issued_date else last_day(month) end as posting_date,
    ledger_account,
    cost_center,
    cast(greatest(posted, 0) as decimal(30, 3)) as debit,
    cast(greatest(-posted, 0) as decimal(30, 3)) as credit,
    currency,
    case
        when is_credit then 'Credit note of ' || reverses || ': ' || reason
        else 'Chargeback ' || strftime(month, '%Y-%m') || ', reversed since'
    end as posting_text,
    tenant,
    version as statement_version,
    case when is_credit then 'CREDIT NOTE' else 'REVERSED' end as status
from postings
where posted != 0 -- no posting of nothing
