-- Automations that cost something for nothing, or might cost less, in the month that
-- runs, or else in the one that ended last, by reason: an automation may have several.
-- grain: kind, tenant, automation_id

with latest as (
    select month as latest_month
    from report_months
    where is_latest
),

-- What a unit cost on average: allowance and tiers counted in. To read, never to book.
prices as (
    select
        tenant,
        month,
        meter,
        sum(amount) / nullif(sum(quantity), 0) as price
    from meter_monthly
    where kind = 'usage'
    group by tenant, month, meter
)

-- A meter without a price costs nothing, and a run that is not known to be a
-- third-party one is none.
select
    if(statuses.is_stopped_by_limit, 'time limit', 'failed runs') as kind,
    runs.tenant,
    runs.automation_id,
    count(*) as runs,
    sum(runs.duration_seconds) as duration_seconds,
    sum(
        cast(
            coalesce(runs.duration_seconds * hours.price / 3600, 0)
            + if(runs.billable, coalesce(calls.price, 0), 0) as decimal(30, 6)
        )
    ) as paid,
    null as idle_days,
    null as created_at,
    null as state
from runs
inner join latest -- drops other months
    on date_trunc('month', runs.date) = latest.latest_month
inner join seed_statuses as statuses -- drops runs that brought something
    on
        runs.status = statuses.status
        and (statuses.is_failed or statuses.is_stopped_by_limit)
left join prices as hours
    on
        runs.tenant = hours.tenant
        and latest.latest_month = hours.month
        and hours.meter = 'duration_hours'
left join prices as calls
    on
        runs.tenant = calls.tenant
        and latest.latest_month = calls.month
        and calls.meter = 'third_party_runs'
group by statuses.is_stopped_by_limit, runs.tenant, runs.automation_id
union all by name
select
    reasons.kind,
    known.tenant,
    known.automation_id,
    known.runs,
    null as duration_seconds,
    cast(
        if(reasons.kind = 'beyond', known.third_party_amount, known.amount)
        as decimal(30, 6)
    ) as paid,
    known.idle_days,
    known.created_at,
    known.state
from _automations_assessed as known
inner join -- drops what is as it should be
    (
        values
        ('owner gone'), ('never ran'), ('idle'), ('disabled'), ('twins'), ('beyond'),
        ('schedules')
    ) as reasons (kind)
    on case reasons.kind
        when 'owner gone' then known.is_owner_deleted
        when 'never ran' then known.is_never_run
        when 'idle' then known.idle_days >= 30
        when 'disabled' then known.is_disabled
        when 'twins' then known.is_twin
        when 'beyond' then known.third_party_amount > 0
        else known.run_mode = 'scheduled' and known.amount > 0
    end
