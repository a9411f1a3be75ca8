-- The notes and disputes that the statements of a month show.
-- grain: tenant, month, cost_center, note_month, position

select
    statements.tenant,
    statements.month,
    statements.cost_center,
    entries.month as note_month,
    entries.position,
    entries.state,
    entries.noted_date,
    entries.author,
    entries.note_text
from marts.statement as statements
inner join marts.statement_notes as entries -- drops statements without notes
    on
        statements.tenant = entries.tenant
        and statements.cost_center = entries.cost_center
        and is_shown_on(
            entries.month, entries.shown_month, statements.month, statements.closed
        )
where
    statements.month = getvariable('export_month')
    and statements.cost_center = coalesce(
        getvariable('export_cost_center'), statements.cost_center
    )
order by
    statements.tenant asc,
    statements.cost_center asc,
    entries.month desc,
    entries.position asc
