-- What the provider had counted by the day of a snapshot: a row a meter and period.
-- grain: tenant, snapshot_date, meter, period_type, period_start_date

select
    counted.tenant,
    counted.date as snapshot_date,
    -- Our name of the meter; an action that has none keeps its own.
    coalesce(known.quota, counted.resource_action) as meter,
    lower(counted.period_type) as period_type,
    cast(counted.period_start at time zone 'UTC' as date) as period_start_date,
    cast(counted.period_end at time zone 'UTC' as date) as period_end_date,
    counted.is_overage,
    counted.tenant_usage as provider_used,
    counted.licence_usage as licence_used,
    -- A negative limit stands for no limit.
    case when counted.capacity_limit >= 0 then counted.capacity_limit end
        as capacity_limit
from raw_consumption as counted
left join seed_quotas as known
    on counted.resource_action = known.resource_action
