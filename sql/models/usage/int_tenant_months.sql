-- Months that a tenant has complete days in, and how many of them were read.
-- grain: tenant, billing_month
-- conserves: sum(covered_days) per tenant = sum(1) of coverage where source = 'usage'
--   and status = 'complete' and date < getvariable('as_of')

with due_days as (
    select
        tenant,
        date as covered_date,
        cast(date_trunc('month', date) as date) as billing_month,
        source,
        status = 'complete' as is_complete
    from coverage
    where
        source in ('usage', 'runs')
        and date < getvariable('as_of')
)

select
    tenant,
    billing_month,
    day(last_day(billing_month)) as days_in_month,
    count(*) filter (where source = 'usage' and is_complete) as covered_days,
    count(*) filter (where source = 'runs' and is_complete) as listed_days,
    -- Of the days that the next month is compared with: all, unless that still runs.
    count(*) filter (
        where
        source = 'usage'
        and is_complete
        and (
            not precedes_running(billing_month)
            or day(covered_date) < day(getvariable('as_of'))
        )
    ) as compared_days,
    min(covered_date) filter (
        where source = 'usage' and is_complete
    ) as first_covered_date,
    max(covered_date) filter (
        where source = 'usage' and is_complete
    ) as last_covered_date
from due_days
group by tenant, billing_month
