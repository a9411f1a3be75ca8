-- Automations that cost something for nothing, or might cost less, in the month that
-- runs, or else in the one that ended last, by reason: an automation may have several.
-- Failed runs are found by their causes, too, which stand in place of automations.
-- grain: kind, tenant, automation_id

-- What was charged for an automation's usage, of which its runs without a result are a
-- part: as on statements, at most all of it. To read, never to book.
with charged as (
    select
        row(
            charges.tenant, charges.automation_id, charges.owner_id, charges.space_id
        ) as used,
        charges.meter,
        sum(charges.amount) as amount,
        sum(charges.base_quantity) as quantity
    from charges
    inner join report_months as latest -- drops other months
        on latest.is_latest and charges.month = latest.month
    where charges.kind = 'usage'
    group by all
),

lost as (
    select
        runs.tenant,
        runs.automation_id,
        row(runs.tenant, runs.automation_id, runs.owner_id, runs.space_id) as used,
        if(statuses.is_stopped_by_limit, 'time limit', 'failed runs') as kind,
        if(statuses.is_failed, cause_of_failure(runs.error), null) as cause,
        unnest(['runs', 'third_party_runs', 'duration_hours']) as meter,
        unnest([1, cast(runs.billable as bigint), runs.duration_seconds]) as quantity
    from runs
    inner join report_months as latest -- drops what is not charged yet
        on runs.date between latest.month and latest.last_covered_date
    inner join seed_statuses as statuses on runs.status = statuses.status
    where latest.is_latest and (statuses.is_failed or statuses.is_stopped_by_limit)
),

-- What is not known of a run costs nothing, nor does a meter without a price.
paid as (
    select
        lost.*,
        charged_part(
            charged.amount, lost.quantity, charged.quantity,
            sum(lost.quantity) over (partition by lost.used, lost.meter)
        ) as paid
    from lost
    left join charged on lost.used = charged.used and lost.meter = charged.meter
)

select -- noqa: AM07
    coalesce(kind, 'causes') as kind,
    coalesce(tenant, '') as tenant,
    coalesce(automation_id, cause) as automation_id,
    count(distinct row(tenant, automation_id)) as automations,
    count(*) filter (where meter = 'runs') as runs,
    sum(quantity) filter (where meter = 'duration_hours') as duration_seconds,
    sum(paid) as paid
from paid
group by grouping sets ((kind, tenant, automation_id), (cause))
having kind is not null or cause is not null
union all by name
select
    reasons.kind,
    known.tenant,
    known.automation_id,
    known.runs,
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
