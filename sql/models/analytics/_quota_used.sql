-- Third-party runs of a tenant on a day; of days to come, what its pace makes of them.
-- grain: tenant, usage_date

-- A day to come has the median of its day of the week in the last 28 days that were
-- read; as decimals, since a median of whole numbers would be binary.
with paces as (
    select
        tenant,
        dayofweek(date) as day_of_week,
        median(cast(third_party_runs as decimal(18, 1))) as runs
    from tenant_daily
    where
        status = 'complete'
        and third_party_runs is not null
        and date >= getvariable('as_of') - 28
        and date < getvariable('as_of')
    group by tenant, dayofweek(date)
),

last_days as (
    select max(period_end_date) as last_date
    from _quota_periods
),

coming as (
    select cast(series.coming_date as date) as coming_date
    from last_days
    cross join
        unnest(
            generate_series(getvariable('as_of'), last_days.last_date, interval 1 day)
        ) as series (coming_date)
),

days as (
    select
        tenant,
        date as usage_date,
        false as is_projected,
        status,
        -- What is unknown stands beside it.
        cast(coalesce(third_party_runs, 0) as decimal(18, 1)) as runs,
        unknown_billing_runs
    from tenant_daily
    union all
    select
        paces.tenant,
        coming.coming_date as usage_date,
        true as is_projected,
        null as status,
        paces.runs,
        0 as unknown_billing_runs
    from coming
    inner join paces -- drops a day of the week on which nothing is known
        on dayofweek(coming.coming_date) = paces.day_of_week
)

select
    tenant,
    usage_date,
    is_projected,
    status,
    runs,
    unknown_billing_runs,
    -- The quota is shared by all tenants of a licence.
    sum(runs) over (partition by usage_date) as all_runs,
    sum(unknown_billing_runs) over (
        partition by usage_date
    ) as all_unknown_billing_runs
from days
