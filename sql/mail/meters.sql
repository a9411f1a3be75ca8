-- What a month is made of, over all cost centres, the largest amounts with their rank.
-- grain: tenant, position
-- conserves: sum(amount) per tenant = marts.statement where month =
--   getvariable('mail_month')

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
        null as driver, -- a share is of one cost centre
        null as share_ratio,
        corrects_month,
        cause,
        null as cause_detail, -- it concerns one cost centre
        row_number() over (
            order by abs(amount) desc, tenant asc, position asc
        ) as rank
    from marts.meter_monthly
    where month = getvariable('mail_month')
)

select
    *,
    cast(
        round(100 * abs(amount) / nullif(max(abs(amount)) over (), 0)) as integer
    ) as bar_percent,
    -- What those that are behind it come to.
    sum(amount) over () - sum(amount) over (order by rank) as rest_amount
from ranked
order by tenant, position
