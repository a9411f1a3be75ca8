-- How the third-party runs that are included in a period are used up, day by day.
-- grain: tenant, period_start_date, date

with summed as (
    select
        periods.tenant,
        periods.period_start_date,
        used.usage_date,
        periods.period_end_date,
        periods.source,
        used.is_projected,
        used.status,
        periods.quota,
        used.runs,
        sum(used.runs) over so_far as used,
        sum(used.all_runs) over so_far as all_used,
        sum(used.unknown_billing_runs) over so_far as unknown_billing_runs,
        sum(used.all_unknown_billing_runs) over so_far as all_unknown_billing_runs
    from _quota_periods as periods
    inner join _quota_used as used -- drops days of no period
        on
            periods.tenant = used.tenant
            and periods.period_start_date <= used.usage_date
            and (
                case
                    when periods.period_end_date is null then not used.is_projected
                    else periods.period_end_date >= used.usage_date
                end
            )
    window so_far as (
        partition by periods.tenant, periods.period_start_date
        order by used.usage_date
    )
)

-- Shares are for reading. Of nothing there is none: null.
select
    tenant,
    period_start_date,
    usage_date as date,
    period_end_date,
    source,
    is_projected,
    status,
    quota,
    runs,
    cast(used as decimal(18, 1)) as used,
    cast(all_used as decimal(18, 1)) as all_used,
    unknown_billing_runs,
    all_unknown_billing_runs,
    cast(used / nullif(quota, 0) as decimal(18, 6)) as used_ratio,
    cast(all_used / nullif(quota, 0) as decimal(18, 6)) as all_used_ratio
from summed
