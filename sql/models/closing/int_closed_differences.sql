-- What the models charge for a closed month today, less what was booked for it.
-- grain: tenant, closed_month, cost_center, kind, subject
-- conserves: sum(amount) per tenant, closed_month, cost_center =
--   int_charges by tenant, billing_month, cost_center
--   where (tenant, billing_month) in (select (tenant, month) from raw_closed_months)
--   + sum(-amount) of raw_closed_charges by tenant, coalesce(corrects_month, month),
--   cost_center

with sides as (
    select
        charges.tenant,
        charges.billing_month as closed_month,
        charges.cost_center,
        charges.kind,
        coalesce(charges.meter, charges.item) as subject, -- one or the other
        charges.base_quantity,
        charges.amount
    from int_charges as charges
    inner join raw_closed_months as months -- open months need no correction
        on
            charges.tenant = months.tenant
            and charges.billing_month = months.month
    union all
    -- What was booked: its frozen charges, and corrections in later closed months.
    select
        tenant,
        coalesce(corrects_month, month) as closed_month,
        cost_center,
        case when meter is null then 'fixed' else 'usage' end as kind,
        coalesce(meter, item) as subject,
        -base_quantity as base_quantity,
        -amount as amount
    from raw_closed_charges
)

-- Of fixed amounts there is no quantity: a true zero.
select
    tenant,
    closed_month,
    cost_center,
    kind,
    subject,
    cast(coalesce(sum(base_quantity), 0) as decimal(38, 4)) as base_quantity,
    cast(sum(amount) as decimal(30, 3)) as amount
from sides
group by tenant, closed_month, cost_center, kind, subject
having sum(amount) != 0 or coalesce(sum(base_quantity), 0) != 0
