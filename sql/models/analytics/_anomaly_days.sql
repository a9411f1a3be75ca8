-- Days that cost far more than the same day of the week did in the eight weeks before,
-- and holidays that cost far more than those of the year before, before what is
-- included.
-- grain: tenant, dimension, entity_id, usage_date

-- Half of the eight weeks say what is usual, or four holidays.
with suspects as (
    select
        tenant,
        dimension,
        entity_id,
        usage_date,
        day_number,
        day_kind,
        compared_days,
        amount,
        median(amount) over same_kind as expected_amount,
        amount - expected_amount as excess_amount
    from _anomaly_series
    window
        same_kind as (
            partition by tenant, dimension, entity_id, day_kind
            order by usage_date
            range between
            interval (compared_days) day preceding and interval 7 day preceding
        )
    qualify
        count(*) over same_kind >= 4
        and amount - median(amount) over same_kind > floor_amount
),

-- What hardly ever varies may still vary by 2 %.
judged as (
    select
        suspects.tenant,
        suspects.dimension,
        suspects.entity_id,
        suspects.usage_date,
        suspects.day_number,
        suspects.amount,
        suspects.expected_amount,
        suspects.excess_amount,
        greatest(mad(earlier.amount), suspects.expected_amount * 0.02)
            as usual_deviation
    from suspects
    inner join _anomaly_series as earlier -- drops nothing: there are four
        on
            suspects.tenant = earlier.tenant
            and suspects.dimension = earlier.dimension
            and suspects.entity_id = earlier.entity_id
            and suspects.day_kind = earlier.day_kind
            and suspects.usage_date - suspects.compared_days <= earlier.usage_date
            and suspects.usage_date - 7 >= earlier.usage_date
    group by
        suspects.tenant,
        suspects.dimension,
        suspects.entity_id,
        suspects.usage_date,
        suspects.day_number,
        suspects.amount,
        suspects.expected_amount,
        suspects.excess_amount
)

-- Days that follow each other are one episode; a day that was not read does not end it,
-- since it has no number. The z-score is unknown where the day of the week hardly ever
-- had any usage: above the floor that is an anomaly all the same.
select
    tenant,
    dimension,
    entity_id,
    usage_date,
    day_number - row_number() over (
        partition by tenant, dimension, entity_id
        order by usage_date
    ) as episode,
    amount,
    expected_amount,
    excess_amount,
    case
        when usual_deviation > 0
            then
                cast(
                    least(0.6745 * excess_amount / usual_deviation, 999999.999)
                    as decimal(9, 3)
                )
    end as z_score
from judged
where 0.6745 * excess_amount > 3.5 * usual_deviation
