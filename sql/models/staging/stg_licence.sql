-- What the licence included on the day of a snapshot, one quota a row.
-- grain: tenant, snapshot_date, meter

select
    tenant,
    date as snapshot_date,
    -- Our names; a quota that is new to us keeps its own.
    case lower(parameter)
        when 'standardautomationruns' then 'standard_runs'
        when '3rdpartyautomationruns' then 'third_party_runs'
        when 'maxconcurrentautomationruns' then 'concurrent_runs'
        else parameter
    end as meter,
    lower(period_type) as period_type,
    is_unlimited,
    -- A negative limit is how some say that there is none.
    case when quantity >= 0 then quantity end as quota
from raw_licence
