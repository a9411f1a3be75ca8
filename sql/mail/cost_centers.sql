-- What each cost centre owes for a month, the largest amounts with their rank.
-- grain: cost_center
-- conserves: sum(amount) per cost_center = marts.statement where month =
--   getvariable('mail_month')

with sums as (
    select
        cost_center,
        is_unallocated,
        sum(amount) as amount,
        sum_of_known(comparable_change_amount) as change_amount,
        sum(budget) as budget, -- it stands in one of its statements
        sum_displayed(display_amount, display_currency) as display_amount,
        max(display_currency) as display_currency -- of an amount they are the same
    from marts.statement
    where month = getvariable('mail_month')
    group by cost_center, is_unallocated
),

-- What no rule takes is always shown, below the others.
ranked as (
    select
        cost_center,
        is_unallocated,
        amount,
        change_amount,
        budget,
        amount - budget as over_amount,
        display_amount,
        display_currency,
        row_number() over (
            order by is_unallocated desc, abs(amount) desc, cost_center asc
        ) as rank
    from sums
)

select
    * exclude (is_unallocated),
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
order by is_unallocated, rank
