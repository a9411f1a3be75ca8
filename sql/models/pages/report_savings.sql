-- What was paid for nothing in the month that runs, or else in the one that ended last.
-- grain: kind

with latest as (
    select month as latest_month
    from report_months
    where is_latest
),

-- What a unit cost on average: allowance and tiers counted in. To read, never to book.
prices as (
    select
        metered.tenant,
        metered.meter,
        sum(metered.amount) / nullif(sum(metered.quantity), 0) as price
    from meter_monthly as metered
    inner join latest -- drops other months
        on metered.month = latest.latest_month
    where metered.kind = 'usage'
    group by metered.tenant, metered.meter
),

-- A meter without a price costs nothing, and a run that is not known to be a
-- third-party one is none.
wasted as (
    select
        runs.tenant,
        runs.automation_id,
        runs.duration_seconds,
        if(statuses.is_stopped_by_limit, 'time limit', 'failed runs') as kind,
        cast(
            coalesce(runs.duration_seconds * hours.price / 3600, 0)
            + if(runs.billable, coalesce(calls.price, 0), 0) as decimal(30, 6)
        ) as paid
    from runs
    inner join latest -- drops other months
        on date_trunc('month', runs.date) = latest.latest_month
    inner join seed_statuses as statuses -- drops runs that brought something
        on
            runs.status = statuses.status
            and (statuses.is_failed or statuses.is_stopped_by_limit)
    left join prices as hours
        on runs.tenant = hours.tenant and hours.meter = 'duration_hours'
    left join prices as calls
        on runs.tenant = calls.tenant and calls.meter = 'third_party_runs'
),

unneeded as (
    select
        found.tenant,
        found.automation_id,
        if(found.is_owner_deleted, 'owner gone', 'never ran') as kind,
        sum(charges.amount) as paid
    from _cleanup_reasons as found
    cross join latest
    left join charges
        on
            found.tenant = charges.tenant
            and found.automation_id = charges.automation_id
            and latest.latest_month = charges.month
    where found.is_owner_deleted or found.is_never_run
    group by found.tenant, found.automation_id, found.is_owner_deleted
),

together as (
    select
        kind,
        count(*) as runs,
        count(distinct row(tenant, automation_id)) as automations,
        sum(duration_seconds) as duration_seconds,
        sum(paid) as paid
    from wasted
    group by kind
    union all by name
    select
        kind,
        count(*) as automations,
        coalesce(sum(paid), 0) as paid -- a true zero: none of them ran
    from unneeded
    group by kind
)

select
    latest.latest_month as month,
    together.* exclude (paid, duration_seconds), -- noqa: RF02
    to_hours(together.duration_seconds) as duration_hours,
    amount_if_priced(whole_minor(to_e6(together.paid))) as amount
from together
cross join latest
