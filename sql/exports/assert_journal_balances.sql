-- What a document debits it credits, and that is its statement.

select
    journal.document_number,
    statements.amount,
    sum(journal.debit) as debit,
    sum(journal.credit) as credit
from journal
inner join marts.statement as statements
    on
        journal.document_number = statements.statement_number
        and statements.month = getvariable('export_month')
group by journal.document_number, statements.amount
having sum(journal.debit) != sum(journal.credit)
