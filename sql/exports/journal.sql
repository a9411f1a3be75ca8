-- The journal in its general layout: a row for each of a month's postings.
-- grain: tenant, statement_cost_center, document_number, statement_version,
--   statement_line
-- conserves: sum(debit), sum(credit) per tenant = sum(debit), sum(credit) of postings

select
    posted.document_number,
    posted.statement_line,
    posted.posting_date,
    posted.ledger_account,
    case
        when posted.statement_line = 0 or posted.is_unallocated
            then posted.cost_center_code
        else posted.cost_center
    end as cost_center,
    posted.debit,
    posted.credit,
    posted.currency,
    case
        when posted.statement_line > 0
            then
                if(posted.is_unallocated, posted.cost_center || ': ', '')
                || posted.subject_name
                || coalesce(', tier ' || posted.tier, '')
                || coalesce(', correction of ' || posted.corrects_statement, '')
                || coalesce(': ' || posted.cause, '')
                || coalesce(', credit note of ' || posted.reverses, '')
        when posted.status = 'CREDIT NOTE'
            then 'Credit note of ' || posted.reverses || ': ' || posted.reason
        else 'Chargeback ' || strftime(posted.billing_month, '%Y-%m')
    end as posting_text,
    posted.tenant,
    posted.statement_version,
    posted.status,
    posted.cost_center_code,
    getvariable('export_ledger')['company_code'] as company_code,
    getvariable('export_ledger')['tax_code'] as tax_code,
    getvariable('export_ledger')['document_type'] as document_type,
    getvariable('export_ledger')[if(posted.debit > 0, 'debit_key', 'credit_key')]
        as posting_key,
    posted.cost_center as statement_cost_center
from postings as posted
order by
    posted.document_number,
    posted.tenant,
    posted.cost_center,
    posted.statement_version,
    posted.statement_line
