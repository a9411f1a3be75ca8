-- What the provider had counted on the day of a snapshot, one meter and period a row.
-- grain: tenant, snapshot_date, meter, period_type, period_start_date

select
    tenant,
    date as snapshot_date,
    -- Our names; an action that is new to us keeps its own.
    case resource_action
        when 'standard_executed' then 'standard_runs'
        when '3rd_party_executed' then 'third_party_runs'
        when 'executed' then 'runs'
        else resource_action
    end as meter,
    lower(period_type) as period_type,
    cast(period_start at time zone 'UTC' as date) as period_start_date,
    cast(period_end at time zone 'UTC' as date) as period_end_date,
    is_overage,
    tenant_usage as provider_used,
    licence_usage as licence_used,
    -- A negative limit is how some say that there is none.
    case when capacity_limit >= 0 then capacity_limit end as capacity_limit
from raw_consumption
