-- Automations that cost something for nothing, or might cost less, in the month that
-- runs, or else in the one that ended last, by reason: an automation may have several.
-- Failed runs are found by their causes, too, which stand in place of automations.
-- grain: kind, tenant, automation_id

-- What a unit cost on average: allowance and tiers counted in. To read, never to book.
with prices as (
    select
        tenant,
        month,
        sum(amount) filter (where meter = 'duration_hours')
        / nullif(sum(quantity) filter (where meter = 'duration_hours'), 0) as of_hour,
        sum(amount) filter (where meter = 'third_party_runs')
        / nullif(sum(quantity) filter (where meter = 'third_party_runs'), 0) as of_run
    from meter_monthly
    where kind = 'usage'
    group by tenant, month
),

-- A meter without a price costs nothing, and a run that is not known to be a
-- third-party one is none.
fruitless as (
    select
        runs.tenant,
        runs.automation_id,
        runs.duration_seconds,
        if(statuses.is_stopped_by_limit, 'time limit', 'failed runs') as kind,
        if(statuses.is_failed, cause_of_failure(runs.error), null) as cause,
        cast(
            coalesce(runs.duration_seconds * prices.of_hour / 3600, 0)
            + if(runs.billable, coalesce(prices.of_run, 0), 0) as decimal(30, 6)
        ) as paid
    from runs
    inner join report_months as latest -- drops other months
        on latest.is_latest and date_trunc('month', runs.date) = latest.month
    inner join seed_statuses as statuses -- drops runs that brought something
        on
            runs.status = statuses.status
            and (statuses.is_failed or statuses.is_stopped_by_limit)
    left join prices
        on
            runs.tenant = prices.tenant
            and latest.month = prices.month
)

select
    coalesce(kind, 'causes') as kind,
    coalesce(tenant, '') as tenant,
    coalesce(automation_id, cause) as automation_id,
    count(distinct row(tenant, automation_id)) as automations,
    count(*) as runs,
    sum(duration_seconds) as duration_seconds,
    sum(paid) as paid,
    null as idle_days,
    null as created_at,
    null as state
from fruitless
group by grouping sets ((kind, tenant, automation_id), (cause))
having kind is not null or cause is not null
union all by name
select
    reasons.kind,
    known.tenant,
    known.automation_id,
    null as automations,
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
