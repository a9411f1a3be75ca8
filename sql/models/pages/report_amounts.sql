-- What the four cost centres that cost most in the latest month, and all others, were
-- charged in 13 months.
-- grain: month, position
-- conserves: sum(amount) per month = report_cost_centers
--   where month in (select month from report_months where is_recent)

with ranked as (
    select
        centers.cost_center,
        max_by(centers.label, centers.month) as label, -- as it was called last
        shown_rank(
            row_number() over (
                order by
                    sum(centers.amount) filter (where months.is_latest) desc nulls last,
                    sum(centers.amount) desc,
                    centers.cost_center asc
            ),
            'cost_centers'
        ) as position
    from report_cost_centers as centers
    inner join report_months as months -- drops nothing: each month has a page
        on centers.month = months.month
    where
        months.is_recent
        and centers.tenants > 0
    group by centers.cost_center
)

-- A true zero: the month has statements, and none of them is theirs.
select
    months.month,
    ranked.position,
    is_remaining(ranked.position, 'cost_centers') as is_rest,
    count(*) as entity_count,
    of_one(ranked.label, ranked.position, 'cost_centers') as label,
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
