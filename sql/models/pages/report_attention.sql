-- What somebody should look at: budgets that are or will be exceeded, and anomalies.
-- grain: position

with found as (
    select
        1 as kind_rank,
        'Will exceed its budget' as kind,
        cost_center as label,
        'cost centre' as dimension,
        month as since_date,
        forecast_amount as amount,
        budget as expected_amount,
        -expected_remaining as excess_amount
    from forecast_levels
    where tenant = '' and cost_center != '' and expected_remaining < 0
    union all
    select
        2 as kind_rank,
        'Exceeded its budget' as kind,
        centers.cost_center as label,
        'cost centre' as dimension,
        centers.month as since_date,
        centers.amount,
        centers.budget as expected_amount,
        -centers.budget_remaining as excess_amount
    from report_cost_centers as centers
    inner join report_months as months
        on centers.month = months.month
    where
        months.is_headline
        and months.has_ended -- else it is above, by its forecast
        and centers.budget_remaining < 0
    union all
    select
        3 as kind_rank,
        case
            when kind = 'new' then 'New, high cost'
            else 'Costs more than usual'
        end as kind,
        label,
        replace(dimension, '_center', ' centre') as dimension,
        first_date as since_date,
        amount,
        expected_amount,
        excess_amount
    from anomalies
    where last_date >= getvariable('as_of') - interval 14 day
)

select
    row_number() over (
        order by
            kind_rank asc,
            excess_amount desc,
            dimension asc,
            label asc,
            since_date asc
    ) as position,
    kind,
    label,
    dimension,
    since_date,
    cast(amount as decimal(30, 3)) as amount,
    cast(expected_amount as decimal(30, 3)) as expected_amount,
    cast(excess_amount as decimal(30, 3)) as excess_amount
from found
