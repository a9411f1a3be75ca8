-- What the days cost of cost centres, owners and automations of a high cost, before
-- what is included: that covers the first days of a month, whoever had them.
-- grain: tenant, dimension, entity_id, usage_date

with sums as (
    select
        tenant,
        usage_date,
        case
            when grouping(cost_center) = 0 then 'cost_center'
            when grouping(owner_id) = 0 then 'owner'
            else 'automation'
        end as dimension,
        -- One of them is grouped by.
        coalesce(cost_center, owner_id, automation_id) as entity_id,
        sum(gross_amount) as amount
    from int_amounts_by_day
    group by
        grouping sets (
            (tenant, usage_date, cost_center),
            (tenant, usage_date, owner_id),
            (tenant, usage_date, automation_id)
        )
),

floors as (
    select
        lines.tenant,
        anomaly_floor(lines.gross_amount, lines.month, months.is_complete)
            as floor_amount
    from meter_monthly as lines
    inner join tenant_monthly as months -- drops nothing: a row for whatever is charged
        on
            lines.tenant = months.tenant
            and lines.month = months.month
    group by lines.tenant
),

-- Neither a day nor a first week of anybody else can be above the floor.
watched as (
    select
        sums.tenant,
        sums.dimension,
        sums.entity_id,
        floors.floor_amount,
        min(sums.usage_date) as first_date
    from sums
    inner join floors -- drops nothing: what costs is charged
        on sums.tenant = floors.tenant
    where sums.entity_id != ''
    group by sums.tenant, sums.dimension, sums.entity_id, floors.floor_amount
    having 7 * max(sums.amount) > floors.floor_amount
),

known_days as (
    select
        tenant,
        date as usage_date,
        -- A day of the week, or 7 for all holidays.
        case when is_holiday(date) then 7 else dayofweek(date) end as day_kind,
        min(date) over (partition by tenant) as first_known_date
    from tenant_daily
    where status = 'complete'
)

-- A true zero: the day was read, and nothing was used. A day that was not is no row.
select
    watched.tenant,
    watched.dimension,
    watched.entity_id,
    known_days.usage_date,
    watched.first_date,
    watched.floor_amount,
    known_days.first_known_date,
    known_days.day_kind,
    -- Eight weeks; of holidays, which are few, a year.
    case when known_days.day_kind = 7 then 366 else 56 end as compared_days,
    row_number() over (
        partition by watched.tenant, watched.dimension, watched.entity_id
        order by known_days.usage_date
    ) as day_number,
    coalesce(sums.amount, 0) as amount
from watched
inner join known_days
    on
        watched.tenant = known_days.tenant
        and watched.first_date <= known_days.usage_date
left join sums
    on
        watched.tenant = sums.tenant
        and watched.dimension = sums.dimension
        and watched.entity_id = sums.entity_id
        and known_days.usage_date = sums.usage_date
