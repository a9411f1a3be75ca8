-- Why the month that runs, and the one that ended last, cost more or less than what
-- they are compared with: in what, and which ten automations moved it most.
-- grain: month, kind, position
-- conserves: sum(change_amount) per month where kind = 'part' =
--   sum(comparable_change_amount) of report_months
--   where month in (select month from report_reasons)

-- The running month is compared with the same days of the one before, priced as if it
-- had ended with them; corrections are of no day, and whole.
with entries as (
    select
        cast(charges.month + to_months(sides.later) as date) as billing_month,
        coalesce(charges.meter, charges.kind) as part,
        sides.sign * charges.base_quantity as base_quantity,
        sides.sign * charges.amount as amount
    from charges
    cross join (values (0, 1), (1, -1)) as sides (later, sign)
    where
        sides.later = 0 or charges.kind = 'adjustment'
        or not precedes_running(charges.month)
    union all by name
    select
        cast(billing_month + interval 1 month as date) as billing_month,
        coalesce(meter, kind) as part,
        -base_quantity as base_quantity,
        -amount as amount
    from raw_prior_to_date
),

-- Zeros are true ones: nothing was charged in one of the two. What moved between cost
-- centres is not new. Fixed amounts are of no automation.
moved as (
    select
        billing_month,
        'part' as kind,
        part as name,
        sum(amount) as amount,
        sum(base_quantity) as quantity_change
    from entries
    group by billing_month, part
    union all by name
    select
        compared.billing_month,
        'automation' as kind,
        coalesce(max(labels.label), compared.automation_id) as name, -- one label each
        compared.tenant,
        compared.cost_center,
        coalesce(sum(compared.amount), 0)
        - coalesce(sum(compared.comparable_prior_amount), 0) as amount,
        sum(count(compared.comparable_prior_amount)) over (
            partition by compared.billing_month, compared.tenant, compared.automation_id
        ) = 0 as is_new
    from int_charges_compared as compared
    left join int_labels as labels
        on
            compared.tenant = labels.tenant
            and compared.automation_id = labels.entity_id
            and labels.dimension = 'automation'
            and still_holds(labels.shown_until)
    where compared.automation_id != 'shared'
    group by
        compared.billing_month, compared.cost_center, compared.tenant,
        compared.automation_id
)

-- What changed as all did stands first. Months whose parts do not sum to the change,
-- which was frozen beside another month before, have no reasons.
select
    months.month,
    moved.kind,
    row_number() over (
        partition by months.month, moved.kind
        order by
            sign(months.comparable_change_amount) * moved.amount desc,
            moved.name asc, moved.cost_center asc
    ) as position,
    moved.name,
    moved.tenant,
    moved.cost_center,
    cast(moved.quantity_change / meters.base_per_unit as decimal(30, 3))
        as quantity_change,
    if(moved.kind = 'part', meters.unit, null) as unit,
    to_amount(moved.amount) as change_amount,
    moved.is_new
from moved
inner join report_months as months -- drops months that nobody asks about
    on
        moved.billing_month = months.month
        and (months.is_headline or not months.has_ended)
left join seed_meters as meters
    on moved.name = meters.meter
qualify
    (moved.kind = 'part' or position <= 10)
    and sum(if(moved.kind = 'part', moved.amount, 0)) over (partition by months.month)
    = months.comparable_change_amount
