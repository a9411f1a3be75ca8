-- A month's statements as ledger postings: a document each, its lines against one sum.
-- grain: tenant, cost_center, document_number, statement_version, statement_line
-- conserves: sum(debit) per tenant, cost_center = sum(credit) of postings
-- conserves: sum(debit - credit) per tenant, cost_center where statement_line > 0 =
--   sum(amount) of marts.statement by tenant, cost_center where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

with lines as (
    select
        tenant,
        month as billing_month,
        cost_center,
        position as statement_line,
        coalesce(item, meter) as subject,
        coalesce(item, getvariable('export_meters')[meter], meter) as subject_name,
        -- A tier is told where there is another one.
        if(
            max(tier) over (partition by tenant, month, cost_center, meter) > 1,
            tier,
            null
        ) as tier,
        corrects_statement,
        cause,
        amount,
        currency
    from marts.statement_lines
    union all by name
    select
        tenant,
        month as billing_month,
        cost_center,
        0 as statement_line, -- before the lines, which count from 1
        -amount as amount,
        currency
    from marts.statement
)

-- What is less than nothing changes sides. A credit note is booked on the day of its
-- issue, within the month that it is booked in; it has the lines of what it reverses.
select
    lines.*,
    heads.statement_number as document_number,
    heads.statement_version,
    heads.status,
    heads.is_unallocated,
    heads.reverses,
    heads.reason,
    case
        when heads.status = 'CREDIT NOTE'
            then greatest(
                least(heads.issued_date, last_day(heads.booked_month)),
                heads.booked_month
            )
        else last_day(lines.billing_month)
    end as posting_date,
    case
        when lines.statement_line = 0
            then getvariable('export_ledger')['clearing_account']
        else coalesce(
            case
                when heads.is_unallocated
                    then getvariable('export_ledger')['account']
            end,
            getvariable('export_expense_accounts')[lines.subject],
            getvariable('export_ledger')['expense_account']
        )
    end as ledger_account,
    -- The sender is credited. What nobody has is of none, unless one is named.
    case
        when lines.statement_line = 0
            then getvariable('export_ledger')['sending_cost_center']
        when heads.is_unallocated
            then getvariable('export_ledger')['cost_center']
        else coalesce(
            getvariable('export_codes')[lines.cost_center], heads.cost_center_code
        )
    end as cost_center_code,
    cast(greatest(lines.amount, 0) as decimal(30, 3)) as debit,
    cast(greatest(-lines.amount, 0) as decimal(30, 3)) as credit
from lines
inner join document_heads as heads -- drops nothing: lines are of these
    on
        lines.tenant = heads.tenant
        and lines.billing_month = heads.month
        and lines.cost_center = heads.cost_center
where lines.amount != 0 -- no posting of nothing
order by
    document_number,
    lines.tenant,
    lines.cost_center,
    heads.statement_version,
    lines.statement_line
