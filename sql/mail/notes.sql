-- The notes that the statement of a cost centre shows; of a whole month, its disputes.
-- grain: note_month, cost_center, position

select
    entries.month as note_month,
    entries.cost_center,
    row_number() over (
        partition by entries.month, entries.cost_center
        order by min(entries.position)
    ) as position,
    rolled_up.label,
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
left join marts.cost_center_rollup as rolled_up -- has a row for each statement
    on
        statements.tenant = rolled_up.tenant
        and statements.month = rolled_up.month
        and statements.cost_center = rolled_up.cost_center
where
    statements.month = getvariable('mail_month')
    and statements.cost_center = coalesce(
        getvariable('mail_cost_center'), statements.cost_center
    )
    and (
        getvariable('mail_cost_center') is not null
        or starts_with(entries.state, 'dispute')
    )
-- Several tenants may have a statement of it each.
group by
    entries.month,
    entries.cost_center,
    rolled_up.label,
    entries.state,
    entries.noted_date,
    entries.author,
    entries.note_text
order by entries.month desc, entries.cost_center asc, position asc
