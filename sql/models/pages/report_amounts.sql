-- What the six dearest cost centres of 13 months, and all others, were charged.
-- grain: month, position
-- conserves: sum(amount) per month = report_cost_centers
--   where month in (select month from report_months where is_recent)

with ranked as (
    select
        cost_center,
        row_number() over (
            order by
                cost_center = 'Unallocated' desc,
                sum(amount) desc,
                cost_center asc
        ) as amount_rank
    from report_cost_centers
    where month >= date_trunc('month', getvariable('as_of')) - interval 12 month
    group by cost_center
),

named as (
    select
        least(amount_rank, 7) as position,
        count(*) as entity_count,
        case when least(amount_rank, 7) < 7 then max(cost_center) end as label
    from ranked
    group by least(amount_rank, 7)
),

charged as (
    select
        centers.month as billing_month,
        least(ranked.amount_rank, 7) as position,
        sum(centers.amount) as amount
    from report_cost_centers as centers
    inner join ranked -- drops months that are older
        on centers.cost_center = ranked.cost_center
    where centers.month >= date_trunc('month', getvariable('as_of')) - interval 12 month
    group by centers.month, least(ranked.amount_rank, 7)
)

-- A true zero: the month has statements, and none of them is theirs.
select
    months.month,
    named.position,
    named.position = 7 as is_rest,
    named.entity_count,
    named.label,
    cast(coalesce(charged.amount, 0) as decimal(18, 3)) as amount
from named
inner join report_months as months -- a row for each month that has a page
    on
        months.is_recent
        and months.currency is not null
left join charged
    on
        months.month = charged.billing_month
        and named.position = charged.position
