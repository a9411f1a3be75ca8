-- What the six costliest cost centres of 13 months, and all others, were charged.
-- grain: month, position
-- conserves: sum(amount) per month = report_cost_centers
--   where month in (select month from report_months where is_recent)

with ranked as (
    select
        cost_center,
        shown_rank(
            row_number() over (
                order by
                    cost_center = 'Unallocated' desc,
                    sum(amount) desc,
                    cost_center asc
            ),
            'cost_centers'
        ) as position
    from report_cost_centers
    where
        is_in_trends(month)
        and tenants > 0
    group by cost_center
)

-- A true zero: the month has statements, and none of them is theirs.
select
    months.month,
    ranked.position,
    is_remaining(ranked.position, 'cost_centers') as is_rest,
    count(*) as entity_count,
    of_one(ranked.cost_center, ranked.position, 'cost_centers') as label,
    to_amount(coalesce(sum(centers.amount), 0)) as amount
from ranked
inner join report_months as months -- a row for each month that has a page
    on
        months.is_recent
        and months.currency is not null
left join report_cost_centers as centers
    on
        months.month = centers.month
        and ranked.cost_center = centers.cost_center
group by months.month, ranked.position
