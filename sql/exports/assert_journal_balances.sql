-- What a document debits it credits, and its lines are what it comes to.

with documents as (
    select
        tenant,
        cost_center,
        document_number,
        statement_version,
        sum(debit) as debit,
        sum(credit) as credit,
        sum(debit - credit) filter (where statement_line > 0) as expensed
    from postings
    group by tenant, cost_center, document_number, statement_version
)

select
    statements.cost_center,
    statements.statement_number,
    statements.amount,
    documents.debit,
    documents.credit,
    documents.expensed
from marts.statement as statements
left join documents
    on
        statements.tenant = documents.tenant
        and statements.cost_center = documents.cost_center
        and statements.statement_number = documents.document_number
        and statements.statement_version = documents.statement_version
where
    statements.month = getvariable('export_month')
    and statements.cost_center = coalesce(
        getvariable('export_cost_center'), statements.cost_center
    )
    -- A statement of nothing has no posting, or such as sum to nothing.
    and (
        statements.amount != coalesce(documents.expensed, 0)
        or coalesce(documents.debit, 0) != coalesce(documents.credit, 0)
    )
