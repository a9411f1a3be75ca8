-- Corrections of closed months by cause, and the open month that they are booked in.
-- grain: tenant, corrects_month, cost_center, kind, subject, cause
-- conserves: sum(base_quantity), sum(amount) per the grain without cause =
--   int_closed_differences by tenant, closed_month, cost_center, kind, subject

-- A step changes what the one before it came to: its amount is added to its own cause
-- and subtracted from that of the next one. What was booked for a cause is subtracted.
with changes as (
    select
        steps.tenant,
        steps.closed_month,
        steps.cost_center,
        steps.kind,
        steps.subject,
        case
            when steps.cause != '' then steps.cause
            when steps.step + edges.step_offset = 1 then 'usage'
            when steps.step + edges.step_offset = 3 then 'allocation'
            when steps.kind = 'usage' then 'prices'
            else 'fixed'
        end as cause,
        steps.base_quantity * edges.factor as base_quantity,
        steps.amount * edges.factor as amount
    from _closed_steps as steps
    cross join (values (0, 1), (1, -1)) as edges (step_offset, factor)
    where steps.step + edges.step_offset between 1 and 3
),

corrections as (
    select
        tenant,
        closed_month,
        cost_center,
        kind,
        subject,
        cause,
        to_e4(sum(base_quantity)) as base_e4,
        sum(amount) as amount
    from changes
    group by tenant, closed_month, cost_center, kind, subject, cause
    having sum(amount) != 0 or coalesce(sum(base_quantity), 0) != 0
),

-- Where there is none with days in it yet, corrections wait.
open_months as (
    select
        closed.tenant,
        closed.month as closed_month,
        min(months.billing_month) as billing_month
    from raw_closed_months as closed
    inner join int_tenant_months as months
        on
            closed.tenant = months.tenant
            and closed.month < months.billing_month
    anti join raw_closed_months as also_closed
        on
            months.tenant = also_closed.tenant
            and months.billing_month = also_closed.month
    group by closed.tenant, closed.month
)

select
    corrections.tenant,
    corrections.closed_month as corrects_month,
    corrections.cost_center,
    corrections.kind,
    corrections.subject,
    corrections.cause,
    open_months.billing_month,
    -- Tenant and month, where the cost centre had no statement.
    coalesce(
        statements.statement_number || ' v' || statements.statement_version,
        corrections.tenant || strftime(corrections.closed_month, '-%Y-%m')
    ) as corrects_statement,
    from_e4(corrections.base_e4) as base_quantity,
    from_e6(billing_e6(corrections.base_e4, meters.base_per_unit)) as quantity,
    meters.unit,
    cast(corrections.amount as decimal(30, 3)) as amount
from corrections
left join open_months
    on
        corrections.tenant = open_months.tenant
        and corrections.closed_month = open_months.closed_month
left join raw_closed_statement as statements
    on
        corrections.tenant = statements.tenant
        and corrections.closed_month = statements.month
        and corrections.cost_center = statements.cost_center
left join seed_meters as meters -- fixed amounts have no meter
    on
        corrections.kind = 'usage'
        and corrections.subject = meters.meter
