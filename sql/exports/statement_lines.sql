-- The lines of the statements of a month, as they are printed.
-- grain: tenant, month, cost_center, position
-- conserves: sum(amount) per tenant, cost_center = marts.statement where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    lines.tenant,
    lines.month,
    lines.cost_center,
    statements.statement_number,
    statements.statement_version,
    statements.status,
    lines.position,
    lines.kind,
    lines.meter,
    lines.item,
    lines.tier,
    lines.quantity,
    lines.included_quantity,
    lines.billable_quantity,
    lines.unit,
    lines.unit_price,
    lines.gross_amount,
    lines.included_amount,
    lines.amount,
    lines.currency,
    lines.driver,
    lines.share_ratio,
    lines.corrects_month,
    lines.corrects_statement,
    lines.cause,
    lines.cause_detail,
    lines.trace_query,
    lines.is_of_no_tenant,
    lines.display_amount,
    lines.display_currency
from marts.statement_lines as lines
left join marts.statement as statements -- drops nothing, and neither would inner
    on
        lines.tenant = statements.tenant
        and lines.month = statements.month
        and lines.cost_center = statements.cost_center
where
    lines.month = getvariable('export_month')
    and lines.cost_center = coalesce(
        getvariable('export_cost_center'), lines.cost_center
    )
order by
    lines.tenant asc,
    statements.is_unallocated asc,
    lines.cost_center asc,
    lines.position asc
