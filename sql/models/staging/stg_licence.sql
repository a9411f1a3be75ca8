-- What the licence included on the day of a snapshot: a row a quota.
-- grain: tenant, snapshot_date, meter

select
    licence.tenant,
    licence.date as snapshot_date,
    -- Our name of the meter; a parameter that has none keeps its own.
    coalesce(known.quota, licence.parameter) as meter,
    lower(licence.period_type) as period_type,
    licence.is_unlimited,
    -- A negative quantity stands for no limit.
    case when licence.quantity >= 0 then licence.quantity end as quota
from raw_licence as licence
left join seed_quotas as known
    on lower(licence.parameter) = known.licence_parameter
