-- What somebody should look at, ranked: what the figures lack, then by money, then what
-- only has to be put in order. A row for each kind.
-- grain: kind

-- A kind without a rank is one of money: the third.
with found as (
    select
        2 as kind_rank,
        if(centers.budget_state = 'over', 'over budget', 'will exceed') as kind,
        centers.label as name,
        if(centers.budget_state = 'over', centers.amount, centers.forecast_amount)
        - centers.budget as amount
    from report_cost_centers as centers
    inner join report_months as months -- drops nothing: each month has a page
        on centers.month = months.month
    where months.is_latest and centers.budget_state in ('over', 'will exceed')
    union all by name
    select
        2 as kind_rank,
        'allowance' as kind,
        max(exhausted_date) as since_date -- the same: it is shared
    from report_tenants
    having max(exhausted_date) is not null
    union all by name
    select
        kind,
        kind_runs as item_count,
        kind_amount as amount
    from report_savings
    where position = 1 and kind_amount > 0 and kind in ('time limit', 'failed runs')
    union all by name
    select
        if(kind = 'new', 'new, high cost', 'unusual') as kind,
        tenant,
        label as name,
        sum(excess_amount) as amount -- of all its days
    from anomalies
    where last_date >= getvariable('as_of') - interval 14 day
    group by kind, tenant, dimension, entity_id, label
    union all by name
    select
        'unallocated' as kind,
        unallocated_amount as amount
    from report_months
    where is_latest and unallocated_ratio >= 0.1
    union all by name
    select
        'not closed' as kind,
        month as since_date,
        if(is_headline, amount, 0) as amount
    from report_months
    where has_ended and status != 'FINAL' and currency is not null
    union all by name
    select
        4 as kind_rank,
        'unused rules' as kind,
        conditions as name
    from cost_center_rules
    where status in ('never matched', 'always outranked')
    union all by name
    select
        1 as kind_rank,
        'days missing' as kind,
        max(date) as since_date,
        count(distinct date) as item_count
    from coverage
    where
        source = 'usage' and status != 'complete'
        and date < getvariable('as_of') and is_in_trends(date)
    having max(date) is not null
)

select
    kind,
    row_number() over (
        order by coalesce(min(kind_rank), 3), coalesce(sum(amount), 0) desc, kind
    ) as position,
    coalesce(max(item_count), count(*)) as item_count, -- those that are no sums
    list(
        struct_pack(label := name, tenant := tenant, excess := amount)
        order by amount desc, name asc, tenant asc
    ) as entries,
    max(since_date) as since_date,
    to_amount(sum(amount)) as amount
from found
group by kind
