-- A month's statements as ledger postings: a document each, its lines against one sum.
-- grain: tenant, cost_center, document_number, statement_version, statement_line
-- conserves: sum(debit) per tenant, cost_center = sum(credit) of journal
-- conserves: sum(debit - credit) per tenant, cost_center where statement_line > 0 =
--   sum(amount) of marts.statement by tenant, cost_center where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

with postings as (
    select
        tenant,
        month as billing_month,
        cost_center,
        position as statement_line,
        getvariable('export_expense_account') as ledger_account,
        amount,
        upper(left(coalesce(item, meter), 1))
        || replace(substr(coalesce(item, meter), 2), '_', ' ')
        || coalesce(', tier ' || tier, '')
        || coalesce(', correction of ' || corrects_statement || ': ' || cause, '')
            as posting_text
    from marts.statement_lines
    union all
    select
        tenant,
        month as billing_month,
        cost_center,
        0 as statement_line, -- before the lines, which count from 1
        getvariable('export_clearing_account') as ledger_account,
        -amount as amount,
        'Chargeback ' || strftime(month, '%Y-%m') as posting_text
    from marts.statement
)

-- What is less than nothing changes sides.
select
    statements.statement_number as document_number,
    postings.statement_line,
    last_day(postings.billing_month) as posting_date,
    postings.ledger_account,
    postings.cost_center,
    cast(greatest(postings.amount, 0) as decimal(30, 3)) as debit,
    cast(greatest(-postings.amount, 0) as decimal(30, 3)) as credit,
    statements.currency,
    postings.posting_text,
    postings.tenant,
    statements.statement_version,
    statements.status
from postings
inner join marts.statement as statements -- drops nothing: lines are of these
    on
        postings.tenant = statements.tenant
        and postings.billing_month = statements.month
        and postings.cost_center = statements.cost_center
where
    postings.billing_month = getvariable('export_month')
    and postings.cost_center = coalesce(
        getvariable('export_cost_center'), postings.cost_center
    )
    and postings.amount != 0 -- no posting of nothing
union all by name
select -- with its credit note: together nothing
    document_number,
    statement_line,
    posting_date,
    ledger_account,
    cost_center,
    debit,
    credit,
    currency,
    posting_text,
    tenant,
    statement_version,
    status
from journal_reversed
order by document_number, tenant, cost_center, statement_version, statement_line
