-- Until when the statements of a closed month may be disputed; of tenants that closed
-- it on several days, until the first of these.
-- grain: month

select
    month,
    min(dispute_until_date) as dispute_until_date
from marts.closed_months
group by month
