-- A cost centre's month: its own statement, and that with all that is below it.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per tenant, month = statement
-- conserves: sum(total_amount) per tenant, month where (hierarchy_level = 1) =
--   sum(amount) of statement by tenant, month
-- conserves: each total_amount = amount + below_amount

with open_months as (
    select
        tenant,
        month as billing_month
    from statement
    where not closed
    group by tenant, month
),

-- A closed month has the cost centres of its closing, an open one those of today.
known as (
    select
        closed.*,
        closed.month as billing_month
    from raw_closed_cost_centers as closed
    union all by name
    select
        details.*,
        open_months.tenant,
        open_months.billing_month
    from finance_cost_center_details as details
    cross join open_months
),

-- Each statement counts once for itself, and once for each that is above it. That of
-- a cost centre that no file names is at the top.
placed as (
    select
        statement.tenant,
        statement.month as billing_month,
        statement.cost_center,
        statement.amount,
        statement.currency,
        unnest(coalesce(known.path, [statement.cost_center])) as above
    from statement
    left join known
        on
            statement.tenant = known.tenant
            and statement.month = known.billing_month
            and statement.cost_center = known.cost_center
),

sums as (
    select
        tenant,
        billing_month,
        above as cost_center,
        max(currency) as currency, -- they are all the same
        bool_or(cost_center = above) as has_statement,
        -- A true zero: it has no statement of its own.
        coalesce(sum(amount) filter (where cost_center = above), 0) as amount,
        sum(amount) as total_amount
    from placed
    group by tenant, billing_month, above
)

select
    sums.tenant,
    sums.billing_month as month,
    sums.cost_center,
    known.code,
    coalesce(known.name, sums.cost_center) as name,
    coalesce(known.label, sums.cost_center) as label,
    known.path[-2] as parent,
    coalesce(len(known.path), 1) as hierarchy_level,
    coalesce(array_to_string(known.path, ' / '), sums.cost_center) as hierarchy_path,
    row_number() over (
        partition by sums.tenant, sums.billing_month
        order by
            sums.cost_center != 'Unallocated',
            coalesce(known.path, [sums.cost_center])
    ) as position,
    sums.has_statement,
    to_amount(sums.amount) as amount,
    to_amount(sums.total_amount - sums.amount) as below_amount,
    to_amount(sums.total_amount) as total_amount,
    sums.currency
from sums
left join known
    on
        sums.tenant = known.tenant
        and sums.billing_month = known.billing_month
        and sums.cost_center = known.cost_center
