-- The charges of versions that were reversed; of their credit notes, with other signs.
-- grain: tenant, month, line
-- conserves: sum(abs(amount)), sum(abs(gross_amount)) per tenant, month, cost_center =
--   raw_closed_charges

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
    as_documented(base_quantity) as base_quantity,
    as_documented(included_base_quantity) as included_base_quantity,
    as_documented(quantity) as quantity,
    as_documented(included_quantity) as included_quantity,
    as_documented(billable_quantity) as billable_quantity,
    unit,
    unit_price,
    as_documented(gross_amount) as gross_amount,
    as_documented(included_amount) as included_amount,
    as_documented(amount) as amount,
    currency,
    driver,
    share_ratio,
    is_of_no_tenant,
    corrects_month,
    corrects_statement,
    cause,
    cause_detail
from raw_closed_charges
