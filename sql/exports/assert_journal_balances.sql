-- What a document debits it credits, and that is its statement.

select
    journal.document_number,
    journal.cost_center,
    statements.amount,
    sum(journal.debit) as debit,
    sum(journal.credit) as credit
from journal
inner join marts.statement as statements
    on
        journal.tenant = statements.tenant
        and journal.cost_center = statements.cost_center
        and statements.month = getvariable('export_month')
group by
    journal.document_number, journal.tenant, journal.cost_center, statements.amount
having sum(journal.debit) != sum(journal.credit)
