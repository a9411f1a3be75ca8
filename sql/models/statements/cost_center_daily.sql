-- What a cost centre's days cost: usage at the month's effective prices, a day's part
-- of fixed amounts. To read and to forecast, never to book: it is not rounded to cents.
-- grain: tenant, date, cost_center
-- by: month of date, of all tenants
-- conserves: sum(usage_amount), sum(gross_usage_amount) per the grain =
--   sum(amount), sum(gross_amount) of int_amounts_by_day
--   by tenant, usage_date, cost_center

with used as (
    select
        tenant,
        usage_date,
        cost_center,
        sum(amount) as usage_amount,
        sum(gross_amount) as gross_usage_amount
    from int_amounts_by_day
    group by tenant, usage_date, cost_center
),

fixed as (
    select
        tenant,
        month as billing_month,
        cost_center,
        to_e6(sum(amount)) as micros
    from charges
    where kind = 'fixed'
    group by tenant, month, cost_center
),

-- What is due until a day less what was due until the day before: the days of a month
-- have all of it.
fixed_days as (
    select
        fixed.tenant,
        daily.date as fixed_date,
        fixed.cost_center,
        fixed.micros * day(daily.date) // day(last_day(daily.date))
        - fixed.micros * (day(daily.date) - 1) // day(last_day(daily.date)) as micros
    from fixed
    inner join tenant_daily as daily -- drops nothing: a charge has days that are due
        on
            fixed.tenant = daily.tenant
            and fixed.billing_month = date_trunc('month', daily.date)
)

-- Zeros are true ones: nothing was used that costs, or nothing is fixed.
select
    coalesce(used.tenant, fixed_days.tenant) as tenant,
    coalesce(used.usage_date, fixed_days.fixed_date) as date,
    coalesce(used.cost_center, fixed_days.cost_center) as cost_center,
    cast(coalesce(used.usage_amount, 0) as decimal(33, 6)) as usage_amount,
    cast(
        cast(coalesce(fixed_days.micros, 0) as decimal(38, 0)) * 0.000001
        as decimal(33, 6)
    ) as fixed_amount,
    getvariable('currency') as currency,
    cast(coalesce(used.gross_usage_amount, 0) as decimal(33, 6)) as gross_usage_amount
from used
full join fixed_days
    on
        used.tenant = fixed_days.tenant
        and used.usage_date = fixed_days.fixed_date
        and used.cost_center = fixed_days.cost_center
