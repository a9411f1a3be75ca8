-- Days that an automation's owners or spaces share: each measure, divided.
-- grain: tenant, usage_date, automation_id, owner_id, space_id, measure
-- conserves: sum(measured) per tenant, usage_date, automation_id, measure = stg_usage
--   where (tenant, usage_date, automation_id) in (select (tenant, usage_date,
--   automation_id) from int_usage_attributed where part_count > 1)

-- Runs are divided by the runs listed for each part, the rest by their seconds; by
-- runs again where no second is known. Products of two BIGINTs need a HUGEINT.
with shares as (
    select
        parts.tenant,
        parts.usage_date,
        parts.automation_id,
        parts.owner_id,
        parts.space_id,
        metered.measure,
        cast(metered.measured as hugeint) as whole,
        cast(
            case
                when
                    metered.measure like '%_runs'
                    or metered.measure = 'runs'
                    or sum(parts.listed_seconds) over measure_parts is null
                    or sum(parts.listed_seconds) over measure_parts = 0
                    then parts.listed_runs
                -- Of a part without any known second beside one that has some.
                else coalesce(parts.listed_seconds, 0)
            end as hugeint
        ) as weight
    from int_usage_attributed as parts
    inner join stg_usage as metered -- adds a row a measure; parts are of these days
        on
            parts.tenant = metered.tenant
            and parts.usage_date = metered.usage_date
            and parts.automation_id = metered.automation_id
    where parts.part_count > 1
    window measure_parts as (
        partition by
            parts.tenant, parts.usage_date, parts.automation_id, metered.measure
    )
),

-- // and % leave a whole part and a remainder that lose nothing.
divisions as (
    select
        tenant,
        usage_date,
        automation_id,
        owner_id,
        space_id,
        measure,
        whole,
        whole * weight // sum(weight) over measure_parts as whole_part,
        whole * weight % sum(weight) over measure_parts as fraction
    from shares
    window measure_parts as (
        partition by tenant, usage_date, automation_id, measure
    )
),

-- What is left over goes one by one to the largest remainders.
ranked as (
    select
        tenant,
        usage_date,
        automation_id,
        owner_id,
        space_id,
        measure,
        whole_part,
        whole - sum(whole_part) over measure_parts as left_over,
        row_number() over (
            partition by tenant, usage_date, automation_id, measure
            order by fraction desc, owner_id asc, space_id asc
        ) as place
    from divisions
    window measure_parts as (
        partition by tenant, usage_date, automation_id, measure
    )
)

select
    tenant,
    usage_date,
    automation_id,
    owner_id,
    space_id,
    measure,
    cast(
        whole_part + case when place <= left_over then 1 else 0 end as bigint
    ) as measured
from ranked
