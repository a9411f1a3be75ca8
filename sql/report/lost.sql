-- What the runs of a month that failed or were stopped at their limit cost each cost
-- centre, by automation, the one of which they cost most first.
-- grain: tenant, month, cost_center, automation_id
-- conserves: nothing: it is a part of what is charged, to read and never to book

-- Of the months whose pages are made, or of all if none are set. What is not known of a
-- run, such as its bytes, is no part of it, nor a day that is not charged yet. 0 where
-- no run says how long it took.
with lost as (
    select
        tenant,
        cast(date_trunc('month', date) as date) as billing_month,
        automation_id,
        owner_id,
        space_id,
        count(*) as runs,
        unnest(['runs', 'third_party_runs', 'duration_hours']) as meter,
        unnest(
            [
                count(*), count(*) filter (where billable),
                coalesce(sum(duration_seconds), 0)
            ]
        ) as lost_quantity
    from runs
    where
        list_contains(getvariable('lost_statuses'), status)
        and date between coalesce(list_min(getvariable('shown_months')), date)
        and coalesce(last_day(list_max(getvariable('shown_months'))), date)
        and date <= (select max(months.last_covered_date) from report_months as months)
    group by tenant, date_trunc('month', date), automation_id, owner_id, space_id
),

-- What cost centres share, they share of these runs, too.
charged as (
    select
        tenant,
        month as billing_month,
        cost_center,
        automation_id,
        owner_id,
        space_id,
        meter,
        sum(amount) as amount,
        sum(sum(base_quantity)) over (
            partition by tenant, month, automation_id, owner_id, space_id, meter
        ) as whole_quantity
    from charges
    where
        kind = 'usage'
        and meter in ('runs', 'third_party_runs', 'duration_hours')
        and (tenant, automation_id) in (select (tenant, automation_id) from lost) --noqa
        and month between coalesce(list_min(getvariable('shown_months')), month)
        and coalesce(list_max(getvariable('shown_months')), month)
    group by tenant, month, cost_center, automation_id, owner_id, space_id, meter
),

-- At most all of what is charged: more may be listed than was metered.
automations as (
    select
        charged.tenant,
        charged.billing_month,
        charged.cost_center,
        charged.automation_id,
        charged.owner_id,
        charged.space_id,
        max(lost.runs) as runs, -- it is the same of each meter
        sum(
            charged.amount * least(lost.lost_quantity, charged.whole_quantity)
            / nullif(charged.whole_quantity, 0)
        ) as paid
    from charged
    inner join lost -- drops what had no such run
        on
            charged.tenant = lost.tenant
            and charged.billing_month = lost.billing_month
            and charged.automation_id = lost.automation_id
            and charged.owner_id = lost.owner_id
            and charged.space_id = lost.space_id
            and charged.meter = lost.meter
    group by all
)

select
    tenant,
    billing_month as month,
    cost_center,
    automation_id,
    cast(sum(runs) as bigint) as runs,
    cast(sum(paid) as decimal(30, 6)) as amount
from automations
group by tenant, billing_month, cost_center, automation_id
having sum(paid) > 0
order by sum(paid) desc, automation_id asc
