-- Metered usage against listed runs, by month and by day.
-- grain: period, period_start, tenant, metric

-- A month is over all tenants, and its sums are of the days that both sources tell of:
-- null where there is none.
select
    'month' as period,
    cast(date_trunc('month', date) as date) as period_start,
    '' as tenant,
    metric,
    null as status,
    count(*) filter (where status = 'equal') as equal_days,
    count(*) filter (where status = 'differs') as differing_days,
    count(*) filter (where difference is null) as uncompared_days,
    sum(metered) filter (where difference is not null) as metered,
    sum(listed) filter (where difference is not null) as listed,
    sum(difference) as difference
from reconciliation_daily
group by date_trunc('month', date), metric
union all
-- The days of a month, and of those before it that differ the last hundred.
select
    'day' as period,
    date as period_start,
    tenant,
    metric,
    status,
    null as equal_days,
    null as differing_days,
    null as uncompared_days,
    metered,
    listed,
    difference
from reconciliation_daily
qualify
    date >= getvariable('as_of') - interval 31 day
    or (
        status != 'equal'
        and row_number()
            over (
                partition by status = 'equal'
                order by date desc, tenant asc, metric asc
            )
        <= 100
    )
