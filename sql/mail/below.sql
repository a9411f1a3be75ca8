-- What is directly below a cost centre in a month, with all that is below that.
-- grain: cost_center
-- conserves: nothing: most cost centres have nothing below them

with sums as (
    select
        cost_center,
        max(label) as label, -- they are the same, but where tenants closed apart
        sum(total_amount) as amount
    from marts.cost_center_rollup
    where
        month = getvariable('mail_month')
        and parent = getvariable('mail_cost_center')
    group by cost_center
),

ranked as (
    select
        cost_center,
        label,
        amount,
        row_number() over (order by abs(amount) desc, cost_center asc) as rank
    from sums
)

select
    *,
    cast(
        round(100 * abs(amount) / nullif(max(abs(amount)) over (), 0)) as integer
    ) as bar_percent,
    -- What those that are behind it come to.
    sum(amount) over () - sum(amount) over (order by rank) as rest_amount
from ranked
order by rank
