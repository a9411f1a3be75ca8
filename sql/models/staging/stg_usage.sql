-- What the tenant metered of an automation on a day: a row a measure. Days before the
-- tenant's first one are left out.
-- grain: tenant, usage_date, automation_id, measure
-- by: month of usage_date, not kept

select
    metered.tenant,
    metered.date as usage_date,
    metered.automation_id,
    -- Our name, which ends in its unit; a metric that has none keeps its own.
    coalesce(known.measure, metered.metric) as measure,
    metered.value as measured,
    nullif(trim(metered.automation_name), '') as automation_name,
    nullif(metered.owner_id, '') as current_owner_id,
    metered.read_on -- when it was first read; null if by an earlier version
from raw_usage as metered
left join seed_measures as known
    on metered.metric = known.metric
where metered.date >= first_day_of(metered.tenant)
