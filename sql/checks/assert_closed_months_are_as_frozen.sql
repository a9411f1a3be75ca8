-- What the marts show of a closed month is what was frozen, line by line.
-- grain: mart, tenant, closed_month, cost_center, line
-- by: month of closed_month, of all tenants

-- The seal of a statement is the register's.
with shown_charges as (
    select charges.*
    from charges
    inner join raw_closed_months as closed -- open months may change
        on
            charges.tenant = closed.tenant
            and charges.month = closed.month
),

shown_statements as (
    select statement.* exclude (seal, issued_at) -- noqa: RF02
    from statement
    inner join raw_closed_months as closed
        on
            statement.tenant = closed.tenant
            and statement.month = closed.month
)

-- Rows are compared whole, with all their columns.
select
    'charges' as mart,
    coalesce(shown.tenant, frozen.tenant) as tenant,
    coalesce(shown.month, frozen.month) as closed_month,
    coalesce(shown.cost_center, frozen.cost_center) as cost_center,
    coalesce(shown.line, frozen.line) as line,
    shown.amount,
    frozen.amount as frozen_amount
from shown_charges as shown
full join raw_closed_charges as frozen
    on
        shown.tenant = frozen.tenant
        and shown.month = frozen.month
        and shown.line = frozen.line
where shown is distinct from frozen -- noqa: RF02
union all
select
    'statement' as mart,
    coalesce(shown.tenant, frozen.tenant) as tenant,
    coalesce(shown.month, frozen.month) as closed_month,
    coalesce(shown.cost_center, frozen.cost_center) as cost_center,
    null as line,
    shown.amount,
    frozen.amount as frozen_amount
from shown_statements as shown
full join raw_closed_statement as frozen
    on
        shown.tenant = frozen.tenant
        and shown.month = frozen.month
        and shown.cost_center = frozen.cost_center
where shown is distinct from frozen -- noqa: RF02
