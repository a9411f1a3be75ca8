-- What FOCUS says was billed and what it cost are each centre's statement.

with exported as (
    select
        billing_account_id as tenant,
        x_sub_account_id as cost_center,
        sum(billed_cost) as billed,
        sum(effective_cost) as effective
    from focus
    group by billing_account_id, x_sub_account_id
)

select
    statements.tenant,
    statements.cost_center,
    statements.amount,
    exported.billed,
    exported.effective
from marts.statement as statements
left join exported
    on
        statements.tenant = exported.tenant
        and statements.cost_center = exported.cost_center
where
    statements.month = getvariable('export_month')
    and statements.cost_center = coalesce(
        getvariable('export_cost_center'), statements.cost_center
    )
    -- A centre without a line is charged nothing.
    and (
        statements.amount != coalesce(exported.billed, 0)
        or statements.amount != coalesce(exported.effective, 0)
    )
