-- What was metered of each part of an automation-day: a row a measure.
-- grain: tenant, usage_date, part_id, measure
-- by: month of usage_date
-- conserves: sum(measured) per measure = stg_usage

-- Days that several owners or spaces share. Runs are divided by the runs that are
-- listed for each part, other measures by the seconds of these runs, or by runs where
-- no seconds are known.
with shares as (
    select
        parts.part_id,
        parts.tenant,
        parts.usage_date,
        parts.automation_id,
        parts.owner_id,
        parts.space_id,
        metered.measure,
        metered.measured as whole,
        case
            when
                known.divided_by = 'runs'
                or coalesce(sum(parts.listed_seconds) over day_parts, 0) = 0
                then parts.listed_runs
            -- A part without known seconds, beside one that has some, gets nothing.
            else coalesce(parts.listed_seconds, 0)
        end as weight
    from int_usage_attributed as parts
    inner join stg_usage as metered -- adds a row a measure; parts are of these days
        on
            parts.tenant = metered.tenant
            and parts.usage_date = metered.usage_date
            and parts.automation_id = metered.automation_id
    left join seed_measures as known -- a metric that is new to us has no row
        on metered.measure = known.measure
    where parts.part_count > 1
    window day_parts as (
        partition by
            parts.tenant, parts.usage_date, parts.automation_id, metered.measure
    )
),

divisions as (
    select
        *,
        whole_part(whole, weight, sum(weight) over day_parts) as part,
        fraction_part(whole, weight, sum(weight) over day_parts) as fraction
    from shares
    window day_parts as (partition by tenant, usage_date, automation_id, measure)
)

select
    tenant,
    usage_date,
    part_id,
    measure,
    cast(
        largest_remainder(
            part,
            whole - sum(part) over day_parts,
            row_number() over (
                day_parts
                order by fraction desc, owner_id asc, space_id asc
            )
        ) as bigint
    ) as measured
from divisions
window day_parts as (partition by tenant, usage_date, automation_id, measure)
union all
-- A day that has one part is not divided.
select
    parts.tenant,
    parts.usage_date,
    parts.part_id,
    metered.measure,
    metered.measured
from stg_usage as metered
inner join int_usage_attributed as parts -- drops shared days, which are above
    on
        metered.tenant = parts.tenant
        and metered.usage_date = parts.usage_date
        and metered.automation_id = parts.automation_id
        and parts.part_count = 1
