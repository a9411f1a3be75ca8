-- What each cost centre is charged for a month: the heads of its statements.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per tenant, cost_center = marts.charges where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

-- Those that were charged earlier in the year only are there, so that it is complete.
with statements as (
    select *
    from marts.statement
    where
        month = getvariable('export_month')
        and cost_center = coalesce(getvariable('export_cost_center'), cost_center)
    union all by name
    select *
    from charged_before
)

select
    statements.tenant,
    statements.month,
    statements.cost_center,
    statements.statement_number,
    statements.statement_version,
    statements.status,
    left(statements.seal, 12) as seal,
    statements.usage_amount,
    statements.fixed_amount,
    statements.adjustment_amount,
    statements.amount,
    statements.prior_amount,
    statements.change_amount,
    statements.comparable_prior_amount,
    statements.comparable_change_amount,
    statements.budget,
    statements.budgeted_amount,
    statements.budget_remaining,
    statements.ytd_amount,
    statements.currency,
    statements.covered_days,
    statements.days_in_month,
    rolled_up.code as cost_center_code,
    rolled_up.name as cost_center_name,
    cast(getvariable('export_owners') as map (varchar, varchar))[
        statements.cost_center
    ] as cost_center_owner,
    documents.issued_date,
    rolled_up.hierarchy_path,
    rolled_up.total_amount as rolled_up_amount,
    statements.no_tenant_amount,
    statements.display_amount,
    statements.display_currency,
    statements.exchange_rate,
    statements.exchange_rate_from
from statements
left join marts.cost_center_rollup as rolled_up -- has a row for each statement
    on
        statements.tenant = rolled_up.tenant
        and statements.month = rolled_up.month
        and statements.cost_center = rolled_up.cost_center
left join marts.issued_statements as documents -- a draft is not in the register
    on
        statements.statement_number = documents.statement_number
        and statements.statement_version = documents.version
order by
    statements.tenant asc, statements.is_unallocated asc, statements.cost_center asc
