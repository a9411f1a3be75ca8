-- What was frozen of a closed month and all that corrects it are what it costs today.

with today as (
    select
        charges.tenant,
        charges.billing_month as closed_month,
        charges.cost_center,
        sum(charges.amount) as amount
    from int_charges as charges
    inner join raw_closed_months as closed -- open months have no corrections
        on
            charges.tenant = closed.tenant
            and charges.billing_month = closed.month
    group by charges.tenant, charges.billing_month, charges.cost_center
),

-- Frozen lines, corrections in closed and open months, and those that wait for one.
parts as (
    select
        charges.tenant,
        charges.month as closed_month,
        charges.cost_center,
        charges.amount
    from charges
    inner join raw_closed_months as closed -- open months have nothing frozen
        on
            charges.tenant = closed.tenant
            and charges.month = closed.month
    where charges.kind != 'adjustment'
    union all
    select
        tenant,
        corrects_month as closed_month,
        cost_center,
        amount
    from charges
    where kind = 'adjustment'
    union all
    select
        tenant,
        corrects_month as closed_month,
        cost_center,
        amount
    from int_corrections
    where billing_month is null
),

corrected as (
    select
        tenant,
        closed_month,
        cost_center,
        sum(amount) as amount
    from parts
    group by tenant, closed_month, cost_center
)

-- True zeros: a cost centre may have nothing left, or have had nothing.
select
    coalesce(today.tenant, corrected.tenant) as tenant,
    coalesce(today.closed_month, corrected.closed_month) as closed_month,
    coalesce(today.cost_center, corrected.cost_center) as cost_center,
    today.amount,
    corrected.amount as corrected_amount
from today
full join corrected
    on
        today.tenant = corrected.tenant
        and today.closed_month = corrected.closed_month
        and today.cost_center = corrected.cost_center
where coalesce(today.amount, 0) != coalesce(corrected.amount, 0)
