-- What is charged for a month, to whom, for what and at which price: a line each.
-- grain: tenant, month, line
-- conserves: sum(amount), sum(included_amount) per tenant, month = raw_closed_charges +
--   int_charges by tenant, billing_month where (tenant,
--   billing_month) not in (select (tenant, month) from raw_closed_months) +
--   sum(amount), sum(0) of int_corrections by tenant, billing_month
--   where billing_month is not null

with open_charges as (
    select charges.*
    from int_charges as charges
    left join raw_closed_months as closed
        on
            charges.tenant = closed.tenant
            and charges.billing_month = closed.month
    where closed.month is null
),

last_lines as (
    select
        tenant,
        billing_month,
        max(line) as last_line
    from open_charges
    group by tenant, billing_month
)

-- As it was frozen, whatever is known today.
select
    tenant,
    month,
    line,
    kind,
    cost_center,
    owner_id,
    space_id,
    automation_id,
    meter,
    item,
    tier,
    rate_from,
    base_quantity,
    included_base_quantity,
    quantity,
    included_quantity,
    billable_quantity,
    unit,
    unit_price,
    gross_amount,
    included_amount,
    amount,
    currency,
    driver,
    share_ratio,
    corrects_month,
    corrects_statement,
    cause
from raw_closed_charges
union all
select
    tenant,
    billing_month as month,
    line,
    kind,
    cost_center,
    owner_id,
    space_id,
    automation_id,
    meter,
    item,
    tier,
    rate_from,
    base_quantity,
    included_base_quantity,
    quantity,
    included_quantity,
    billable_quantity,
    unit,
    unit_price,
    gross_amount,
    included_amount,
    amount,
    currency,
    driver,
    share_ratio,
    null as corrects_month,
    null as corrects_statement,
    null as cause
from open_charges
union all
-- After the month's own lines; the count starts at 0 where there is none.
select
    corrections.tenant,
    corrections.billing_month as month,
    coalesce(last_lines.last_line, 0) + row_number() over (
        partition by corrections.tenant, corrections.billing_month
        order by
            corrections.cost_center asc,
            corrections.corrects_month asc,
            corrections.kind desc, -- usage before fixed amounts
            corrections.subject asc,
            corrections.cause asc
    ) as line,
    'adjustment' as kind,
    corrections.cost_center,
    null as owner_id,
    null as space_id,
    null as automation_id,
    case when corrections.kind = 'usage' then corrections.subject end as meter,
    case when corrections.kind = 'fixed' then corrections.subject end as item,
    null as tier,
    null as rate_from,
    corrections.base_quantity,
    null as included_base_quantity,
    corrections.quantity,
    null as included_quantity,
    null as billable_quantity,
    corrections.unit,
    null as unit_price,
    corrections.amount as gross_amount,
    0 as included_amount,
    corrections.amount,
    getvariable('currency') as currency,
    null as driver,
    null as share_ratio,
    corrections.corrects_month,
    corrections.corrects_statement,
    corrections.cause
from int_corrections as corrections
left join last_lines
    on
        corrections.tenant = last_lines.tenant
        and corrections.billing_month = last_lines.billing_month
where corrections.billing_month is not null
