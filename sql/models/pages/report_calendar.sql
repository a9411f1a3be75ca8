-- Each month's days and whether usage and runs of them were read.
-- grain: tenant, source, month

select
    tenant,
    source,
    cast(date_trunc('month', date) as date) as month,
    count(*) filter (where status = 'complete') as complete_days,
    count(*) filter (where status = 'partial') as partial_days,
    count(*) filter (where status = 'missing') as missing_days,
    day(min(date)) as first_day_of_month,
    list(status order by date) as statuses
from coverage
where
    source in ('usage', 'runs')
    and date < getvariable('as_of')
    and date >= date_trunc('month', getvariable('as_of')) - interval 12 month
group by tenant, source, date_trunc('month', date)
