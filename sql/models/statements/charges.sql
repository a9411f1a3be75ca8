-- What is charged for a month, to whom, for what and at which price: a line each.
-- grain: tenant, month, line
-- by: month of month, of all tenants
-- conserves: sum(amount), sum(included_amount) per tenant, month = raw_closed_charges +
--   int_charges by tenant, billing_month where (tenant,
--   billing_month) not in (select (tenant, month) from raw_closed_months) +
--   sum(amount), sum(0) of int_corrections by tenant, billing_month
--   where billing_month is not null

-- A closed month stands as it was frozen, whatever is known today; what its charges
-- would be now is corrected in an open one.
with lines as (
    select closed.*
    from raw_closed_charges as closed
    union all by name
    select
        charges.*,
        charges.billing_month as month
    from int_charges as charges
    left join raw_closed_months as closed
        on
            charges.tenant = closed.tenant
            and charges.billing_month = closed.month
    where closed.month is null
    union all by name
    select
        corrections.tenant,
        corrections.billing_month as month,
        'adjustment' as kind,
        corrections.cost_center,
        case when corrections.kind = 'usage' then corrections.subject end as meter,
        case when corrections.kind = 'fixed' then corrections.subject end as item,
        corrections.base_quantity,
        corrections.quantity,
        corrections.unit,
        corrections.amount as gross_amount,
        0 as included_amount,
        corrections.amount,
        getvariable('currency') as currency,
        corrections.corrects_month,
        corrections.corrects_statement,
        corrections.cause,
        changes.detail as cause_detail
    from int_corrections as corrections
    left join raw_rule_changes as changes -- has each cost centre of such a month
        on
            corrections.tenant = changes.tenant
            and corrections.corrects_month = changes.closed_month
            and corrections.cost_center = changes.cost_center
            and corrections.cause = 'allocation'
    where corrections.billing_month is not null
)

select
    tenant,
    month,
    -- Corrections stand after the month's own lines, usage before fixed amounts.
    coalesce(
        line,
        coalesce(max(line) over (partition by tenant, month), 0) + row_number() over (
            partition by tenant, month, line is null
            order by
                cost_center, corrects_month, meter is null, coalesce(meter, item), cause
        )
    ) as line,
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
    is_of_no_tenant,
    corrects_month,
    corrects_statement,
    cause,
    cause_detail
from lines
