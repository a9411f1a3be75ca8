-- What is charged for a month, to whom, for what and at which price: a line each.
-- grain: tenant, month, line
-- conserves: sum(amount) per tenant, month = int_charges

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
    cast(null as date) as corrects_month,
    cast(null as varchar) as corrects_statement,
    cast(null as varchar) as cause
from int_charges
