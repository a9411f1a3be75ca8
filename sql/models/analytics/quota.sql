-- What the licence includes, what we count as used of it, and what the provider does.
-- grain: tenant, date, meter

with used as (
    select
        quotas.tenant,
        quotas.snapshot_date,
        quotas.meter,
        sum(daily.runs) as runs,
        sum(daily.third_party_runs) as third_party_runs,
        sum(daily.unknown_billing_runs) as unknown_billing_runs,
        count(*) filter (where daily.status = 'complete') as covered_days
    from _quotas_read as quotas
    inner join tenant_daily as daily
        on
            quotas.tenant = daily.tenant
            and quotas.period_start_date <= daily.date
            and quotas.snapshot_date > daily.date
    group by quotas.tenant, quotas.snapshot_date, quotas.meter
)

select
    quotas.tenant,
    quotas.snapshot_date as date,
    quotas.meter,
    quotas.period_start_date,
    quotas.period_end_date,
    quotas.is_unlimited,
    quotas.is_overage,
    quotas.quota,
    case quotas.meter
        when 'runs' then used.runs
        when 'third_party_runs' then used.third_party_runs
        when 'standard_runs'
            then used.runs - used.third_party_runs - used.unknown_billing_runs
    end as used,
    used.unknown_billing_runs,
    quotas.provider_used,
    quotas.licence_used,
    -- A count of days: where none was read, it is 0 of them.
    coalesce(used.covered_days, 0) as covered_days
from _quotas_read as quotas
left join used
    on
        quotas.tenant = used.tenant
        and quotas.snapshot_date = used.snapshot_date
        and quotas.meter = used.meter
