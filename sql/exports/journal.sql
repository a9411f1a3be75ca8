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
        currency,
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
        currency,
        'Chargeback ' || strftime(month, '%Y-%m') as posting_text
    from marts.statement
)

-- What is less than nothing changes sides. A credit note is booked on the day of its
-- issue, within the month that it is booked in; it has the lines of what it reverses.
select
    heads.statement_number as document_number,
    postings.statement_line,
    case
        when heads.status = 'CREDIT NOTE'
            then greatest(
                least(heads.issued_date, last_day(heads.booked_month)),
                heads.booked_month
            )
        else last_day(postings.billing_month)
    end as posting_date,
    postings.ledger_account,
    postings.cost_center,
    cast(greatest(postings.amount, 0) as decimal(30, 3)) as debit,
    cast(greatest(-postings.amount, 0) as decimal(30, 3)) as credit,
    postings.currency,
    case
        when heads.status != 'CREDIT NOTE' then postings.posting_text
        when postings.statement_line = 0
            then 'Credit note of ' || heads.reverses || ': ' || heads.reason
        else postings.posting_text || ', credit note of ' || heads.reverses
    end as posting_text,
    postings.tenant,
    heads.statement_version,
    heads.status
from postings
inner join document_heads as heads -- drops nothing: lines are of these
    on
        postings.tenant = heads.tenant
        and postings.billing_month = heads.month
        and postings.cost_center = heads.cost_center
where postings.amount != 0 -- no posting of nothing
order by
    document_number,
    postings.tenant,
    postings.cost_center,
    heads.statement_version,
    postings.statement_line
