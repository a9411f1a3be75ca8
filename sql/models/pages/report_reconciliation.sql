-- How many days of a month agree between usage and listed runs, and by how much not.
-- grain: month, metric

select
    cast(date_trunc('month', date) as date) as month,
    metric,
    count(*) as read_days,
    count(*) filter (where status = 'equal') as equal_days,
    count(*) filter (where status = 'differs') as differing_days,
    count(*) filter (where difference is null) as uncompared_days,
    -- Of the days that both sources tell of; null where there is none.
    sum(metered) filter (where difference is not null) as metered,
    sum(listed) filter (where difference is not null) as listed,
    sum(difference) as difference
from reconciliation_daily
group by date_trunc('month', date), metric
