-- A line of usage by the day, in parts that sum to it; whole if no day is known.
-- grain: tenant, line, start_date
-- conserves: sum(quantity), sum(gross_amount), sum(included_amount) per tenant, line =
--   focus_resources where kind = 'usage'

with divided as (
    select
        *,
        whole_part(quantity_e6, weight, sum(weight) over parts) as quantity_part,
        fraction_part(quantity_e6, weight, sum(weight) over parts) as quantity_left,
        whole_part(gross // minor, weight, sum(weight) over parts) as gross_part,
        fraction_part(gross // minor, weight, sum(weight) over parts) as gross_left,
        whole_part(included // minor, weight, sum(weight) over parts) as included_part,
        fraction_part(included // minor, weight, sum(weight) over parts)
            as included_left
    from focus_weighted
    window parts as (partition by tenant, line)
),

shares as (
    select
        *,
        direction * largest_remainder(
            quantity_part,
            quantity_e6 - sum(quantity_part) over parts,
            row_number() over (parts order by quantity_left desc, usage_date asc)
        ) as quantity_share,
        direction * minor * largest_remainder(
            gross_part,
            gross // minor - sum(gross_part) over parts,
            row_number() over (parts order by gross_left desc, usage_date asc)
        ) as gross_share,
        direction * minor * largest_remainder(
            included_part,
            included // minor - sum(included_part) over parts,
            row_number() over (parts order by included_left desc, usage_date asc)
        ) as included_share
    from divided
    window parts as (partition by tenant, line)
)

select
    tenant,
    line,
    coalesce(usage_date, billing_month) as start_date,
    coalesce(cast(usage_date + interval 1 day as date), next_month) as end_date,
    from_e6(quantity_share) as quantity,
    cast(gross_share as decimal(38, 0)) * 0.001 as gross_amount,
    cast(included_share as decimal(38, 0)) * 0.001 as included_amount
from shares
where weight > 0
