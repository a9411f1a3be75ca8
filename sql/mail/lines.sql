-- The lines of a cost centre's statement, the largest amounts with their rank.
-- grain: tenant, position
-- conserves: sum(amount) per tenant = marts.statement where month =
--   getvariable('mail_month') and cost_center = getvariable('mail_cost_center')

with ranked as (
    select
        tenant,
        position,
        kind,
        meter,
        item,
        tier,
        quantity,
        included_quantity,
        billable_quantity,
        unit,
        unit_price,
        amount,
        driver,
        share_ratio,
        corrects_month,
        cause,
        cause_detail,
        display_amount,
        display_currency,
        row_number() over (
            order by abs(amount) desc, tenant asc, position asc
        ) as rank
    from marts.statement_lines
    where
        month = getvariable('mail_month')
        and cost_center = getvariable('mail_cost_center')
)

select
    *,
    cast(
        round(100 * abs(amount) / nullif(max(abs(amount)) over (), 0)) as integer
    ) as bar_percent,
    -- What those that are behind it come to.
    sum(amount) over () - sum(amount) over (order by rank) as rest_amount,
    case
        when count(display_amount) over () = count(*) over ()
            then
                sum(display_amount) over ()
                - sum(display_amount) over (order by rank)
    end as rest_display_amount
from ranked
order by tenant, position
