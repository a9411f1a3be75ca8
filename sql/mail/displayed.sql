-- What is mailed in a second currency: all of a month, and each cost centre, where any
-- statement has one.
-- grain: month, cost_center (null: all of them)
-- conserves: nothing: a sum is unknown where a part of it is

-- Statements may differ in rate and currency where tenants closed apart.
select
    month,
    case when grouping(cost_center) = 0 then cost_center end as cost_center,
    true as has_display,
    sum_displayed(display_amount, display_currency) as display_amount,
    -- Null where not all of them have the same one: there is no sum then.
    case
        when
            count(display_currency) = count(*)
            and min(display_currency) = max(display_currency)
            then max(display_currency)
    end as display_currency,
    case
        when min(exchange_rate) = max(exchange_rate) then max(exchange_rate)
    end as exchange_rate,
    max(exchange_rate_from) as exchange_rate_from
from marts.statement
group by grouping sets ((month, cost_center), (month))
having count(display_currency) > 0
order by month, cost_center nulls first
