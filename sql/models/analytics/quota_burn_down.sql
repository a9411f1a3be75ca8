-- How the third-party runs that are included in a period are used up, day by day.
-- grain: tenant, period_start_date, date

-- A day to come has the median of its day of the week in the last 28 days that were
-- read; as decimals, since a median of whole numbers would be binary.
with paces as (
    select
        tenant,
        dayofweek(date) as day_of_week,
        median(cast(third_party_runs as decimal(30, 1))) as runs
    from tenant_daily
    where
        status = 'complete'
        and third_party_runs is not null
        and date >= getvariable('as_of') - 28
        and date < getvariable('as_of')
    group by tenant, dayofweek(date)
),

coming as (
    select
        unnest(
            generate_series(getvariable('as_of'), max(period_end_date), interval 1 day)
        ) as coming_date
    from _quota_periods
),

days as (
    select
        tenant,
        date as usage_date,
        false as is_projected,
        status,
        -- What is unknown stands beside it.
        cast(coalesce(third_party_runs, 0) as decimal(30, 1)) as runs,
        unknown_billing_runs
    from tenant_daily
    union all by name
    select
        paces.tenant,
        cast(coming.coming_date as date) as usage_date,
        true as is_projected,
        paces.runs,
        0 as unknown_billing_runs
    from coming
    inner join paces -- drops a day of the week on which nothing is known
        on dayofweek(coming.coming_date) = paces.day_of_week
),

-- The quota is shared by all tenants of a licence: by those that the rate card names
-- together, or by all others.
daily as (
    select
        days.*,
        sum(days.runs) over same_days as all_runs,
        sum(days.unknown_billing_runs) over same_days as all_unknown_runs
    from days
    left join _quota_periods as named -- of a month: one at most -- noqa: ST11
        on
            days.tenant = named.tenant
            and date_trunc('month', days.usage_date) = named.period_start_date
            and named.licence != ''
    window same_days as (partition by days.usage_date, coalesce(named.licence, ''))
)

-- Shares are for reading. Of nothing there is none: null.
select
    periods.tenant,
    periods.period_start_date,
    daily.usage_date as date,
    periods.period_end_date,
    periods.source,
    daily.is_projected,
    daily.status,
    periods.quota,
    daily.runs,
    cast(sum(daily.runs) over so_far as decimal(30, 1)) as used,
    cast(sum(daily.all_runs) over so_far as decimal(30, 1)) as all_used,
    sum(daily.unknown_billing_runs) over so_far as unknown_billing_runs,
    sum(daily.all_unknown_runs) over so_far as all_unknown_billing_runs,
    to_ratio(used, periods.quota) as used_ratio,
    to_ratio(all_used, periods.quota) as all_used_ratio
from _quota_periods as periods
inner join daily -- drops days of no period, and those to come of one without an end
    on
        periods.tenant = daily.tenant
        and periods.period_start_date <= daily.usage_date
        and (periods.period_end_date is not null or not daily.is_projected)
        and coalesce(periods.period_end_date, daily.usage_date) >= daily.usage_date
window so_far as (
    partition by periods.tenant, periods.period_start_date
    order by daily.usage_date
)
