-- What each cost centre is charged for a month: the heads of its statements.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per tenant, cost_center = marts.charges where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    tenant,
    month,
    cost_center,
    statement_number,
    statement_version,
    status,
    usage_amount,
    fixed_amount,
    adjustment_amount,
    amount,
    prior_amount,
    change_amount,
    budget,
    budgeted_amount,
    budget_remaining,
    ytd_amount,
    currency,
    covered_days,
    days_in_month
from marts.statement
where
    month = getvariable('export_month')
    and cost_center = coalesce(getvariable('export_cost_center'), cost_center)
order by tenant asc, is_unallocated desc, cost_center asc
