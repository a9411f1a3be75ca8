-- Notes on statements, and disputes of them; of closed months as they were frozen, and
-- what was written later.
-- grain: tenant, month, cost_center, position
-- conserves: nothing: it has no amounts

-- The first closed month whose copy has a line: its statements show what came late.
with shown as (
    select
        tenant,
        month,
        cost_center,
        kind,
        noted_date,
        author,
        note_text,
        min(closed_month) as first_closed_month
    from raw_closed_notes
    where month <= closed_month
    group by tenant, month, cost_center, kind, noted_date, author, note_text
),

-- What a closed month's own copy says of it, and what the file says today. A line that
-- was changed after the closing is one that came later.
entries as (
    select
        frozen.* exclude (closed_month, tenants), -- noqa: RF02
        false as is_later,
        frozen.month as shown_month
    from raw_closed_notes as frozen
    inner join marts.statement as statements -- drops what is on no statement
        on
            frozen.tenant = statements.tenant
            and frozen.month = statements.month
            and frozen.cost_center = statements.cost_center
    where frozen.month = frozen.closed_month
    union all by name
    select
        statements.tenant,
        written.* exclude (tenants), -- noqa: RF02
        statements.closed as is_later,
        case when statements.closed then shown.first_closed_month else written.month end
            as shown_month
    from marts.statement as statements
    inner join finance_notes as written -- drops what is on no statement
        on
            statements.month = written.month
            and statements.cost_center = written.cost_center
            and coalesce(list_contains(written.tenants, statements.tenant), true)
    left join shown
        on
            statements.tenant = shown.tenant
            and written.month = shown.month
            and written.cost_center = shown.cost_center
            and written.kind = shown.kind
            and written.noted_date is not distinct from shown.noted_date
            and (written.author, written.note_text) = (shown.author, shown.note_text)
    where
        not statements.closed
        or shown.first_closed_month is distinct from written.month
)

-- What settles a dispute stands below it. A frozen state is that of the closing.
select
    tenant,
    month,
    cost_center,
    row_number() over (partition by tenant, month, cost_center order by is_later, line)
        as position,
    shown_month,
    case
        when kind != 'dispute' then kind
        when count(*) filter (where kind = 'settled') over below_then > 0
            then 'dispute, settled'
        else 'dispute, open'
    end as state,
    kind = 'dispute' and count(*) filter (where kind = 'settled') over below_now = 0
        as is_open,
    noted_date,
    author,
    note_text,
    is_later
from entries
window
    below_now as (
        partition by tenant, month, cost_center
        order by is_later, line rows between 1 following and unbounded following
    ),
    below_then as (
        partition by tenant, month, cost_center, is_later
        order by line rows between 1 following and unbounded following
    )
