-- What all tenants used on each day of the last 13 months.
-- grain: date

-- A sum is unknown where it is unknown for one of the tenants.
with sums as (
    select
        date as usage_date,
        case when count(runs) = count(*) then sum(runs) end as runs,
        case
            when count(third_party_runs) = count(*) then sum(third_party_runs)
        end as third_party_runs,
        case
            when count(failed_runs) = count(*) then sum(failed_runs)
        end as failed_runs,
        case
            when count(duration_seconds) = count(*) then sum(duration_seconds)
        end as duration_seconds,
        case
            when count(bandwidth_in_bytes) = count(*) then sum(bandwidth_in_bytes)
        end as bandwidth_in_bytes,
        case
            when count(bandwidth_out_bytes) = count(*) then sum(bandwidth_out_bytes)
        end as bandwidth_out_bytes
    from tenant_daily
    where date >= date_trunc('month', getvariable('as_of')) - interval 12 month
    group by date
)

select
    usage_date as date,
    runs,
    third_party_runs,
    failed_runs,
    duration_seconds,
    bandwidth_in_bytes,
    bandwidth_out_bytes,
    -- For an axis: hours and GB, rounded.
    cast(duration_seconds / 3600 as decimal(18, 2)) as duration_hours,
    cast(bandwidth_in_bytes / 1000000000 as decimal(18, 3)) as bandwidth_in_gb,
    cast(bandwidth_out_bytes / 1000000000 as decimal(18, 3)) as bandwidth_out_gb
from sums
