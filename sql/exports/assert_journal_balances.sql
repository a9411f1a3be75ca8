-- What a document debits it credits; those of a month are its statements.

with documents as (
    select
        tenant,
        cost_center,
        document_number,
        statement_version,
        sum(debit) as debit,
        sum(credit) as credit
    from journal
    group by tenant, cost_center, document_number, statement_version
),

expensed as (
    select
        tenant,
        cost_center,
        sum(debit - credit) filter (where statement_line > 0) as amount
    from journal
    group by tenant, cost_center
)

select
    cost_center,
    document_number,
    debit,
    credit
from documents
where debit != credit
union all
select
    expensed.cost_center,
    'all' as document_number,
    expensed.amount as debit,
    statements.amount as credit
from expensed
left join marts.statement as statements -- a cost centre may have none any more
    on
        expensed.tenant = statements.tenant
        and expensed.cost_center = statements.cost_center
        and statements.month = getvariable('export_month')
-- A cost centre that is charged nothing has no statement and no posting.
where coalesce(expensed.amount, 0) != coalesce(statements.amount, 0)
