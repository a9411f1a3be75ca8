-- Automations that are still listed: whether they are needed, and what they cost in the
-- month that runs, or else in the one that ended last.
-- grain: tenant, automation_id

-- The last day that a run or usage tells of, or the listing does.
with used as (
    select
        daily.tenant,
        daily.automation_id,
        max(daily.date) as last_used_date,
        sum(daily.runs) filter (where months.is_latest) as runs
    from automation_daily as daily
    left join report_months as months
        on date_trunc('month', daily.date) = months.month
    where daily.runs > 0
    group by daily.tenant, daily.automation_id
),

charged as (
    select
        charges.tenant,
        charges.automation_id,
        sum(charges.amount) as amount,
        sum(charges.amount) filter (where charges.meter = 'third_party_runs')
            as third_party_amount
    from charges
    inner join report_months as months -- drops other months
        on charges.month = months.month
    where months.is_latest
    group by charges.tenant, charges.automation_id
),

described as (
    select
        automations.tenant,
        automations.automation_id,
        automations.label,
        automations.state,
        automations.run_mode,
        automations.created_at,
        owners.label as owner_label,
        spaces.label as space_label,
        used.runs,
        charged.amount,
        charged.third_party_amount,
        greatest(
            used.last_used_date, cast(automations.last_run_at as date)
        ) as last_used_date,
        -- Not known of an owner whom no list of users names.
        coalesce(
            owners.is_deleted or owners.status != 'active', false
        ) as is_owner_deleted,
        coalesce(automations.state != 'available', false) as is_disabled
    from automations
    left join owners
        on
            automations.tenant = owners.tenant
            and automations.owner_id = owners.owner_id
    left join spaces
        on
            automations.tenant = spaces.tenant
            and automations.space_id = spaces.space_id
    left join used
        on
            automations.tenant = used.tenant
            and automations.automation_id = used.automation_id
    left join charged
        on
            automations.tenant = charged.tenant
            and automations.automation_id = charged.automation_id
    where not automations.is_deleted
)

select
    *, -- noqa: AM04
    date_diff('day', last_used_date, getvariable('as_of')) as idle_days,
    last_used_date is null as is_never_run,
    -- The dearest of those with a name, and copies of it, is the one that is meant.
    amount > 0
    and row_number() over (
        partition by tenant, lower(regexp_replace(label, '^(Copy of )+', ''))
        order by amount desc nulls last, created_at asc, automation_id asc
    ) > 1 as is_twin
from described
