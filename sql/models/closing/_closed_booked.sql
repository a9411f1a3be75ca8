-- What was booked for a closed month: its frozen charges, and each correction since.
-- grain: tenant, closed_month, cost_center, kind, subject, cause
-- conserves: sum(base_quantity), sum(amount) per tenant, cost_center =
--   raw_closed_charges

-- A correction is booked in a later month, of its own cause; the charges have none.
with booked as (
    select
        tenant,
        case when kind = 'adjustment' then corrects_month else month end
            as closed_month,
        cost_center,
        case when meter is null then 'fixed' else 'usage' end as kind,
        coalesce(meter, item) as subject, -- a line is of one or the other
        coalesce(cause, '') as cause,
        base_quantity,
        amount
    from raw_closed_charges
)

select
    tenant,
    closed_month,
    cost_center,
    kind,
    subject,
    cause,
    cast(sum(base_quantity) as decimal(38, 4)) as base_quantity,
    cast(sum(amount) as decimal(18, 3)) as amount
from booked
group by tenant, closed_month, cost_center, kind, subject, cause
