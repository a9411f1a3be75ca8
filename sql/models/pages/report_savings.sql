-- What could be saved in the month that runs, or else in the one that ended last: for
-- each reason the automations of the highest cost, and all others together.
-- grain: kind, position

with found as (
    select *
    from _savings_found
    union all by name
    select
        'costs more' as kind,
        worth.tenant,
        worth.automation_id,
        cast(sum(worth.successful_runs) as bigint) as runs,
        cast(-sum(worth.net_amount) as decimal(30, 6)) as paid
    from automation_value as worth
    inner join report_months as latest -- drops other months
        on latest.is_latest and worth.month = latest.month
    group by worth.tenant, worth.automation_id
    having sum(worth.net_amount) < 0 and sum(worth.unknown_outcome_runs) = 0
),

ranked as (
    select
        found.*,
        labels.label,
        labels.detail as owner_label,
        labels.space_label,
        shown_rank(
            row_number() over (
                partition by found.kind
                order by
                    found.paid desc nulls last, found.idle_days desc nulls last,
                    found.created_at asc nulls last, found.runs desc nulls last,
                    labels.label asc, found.tenant asc, found.automation_id asc
            ),
            'savings'
        ) as position
    from found
    left join int_labels as labels
        on
            found.tenant = labels.tenant
            and found.automation_id = labels.entity_id
            and labels.dimension = 'automation'
            and still_holds(labels.shown_until)
),

counted as (
    select
        kind,
        position,
        is_remaining(position, 'savings') as is_rest,
        count(*) as entity_count,
        of_one(tenant, position, 'savings') as tenant,
        of_one(automation_id, position, 'savings') as entity_id,
        of_one(label, position, 'savings') as label,
        of_one(owner_label, position, 'savings') as owner_label,
        of_one(space_label, position, 'savings') as space_label,
        of_one(state, position, 'savings') as state,
        of_one(idle_days, position, 'savings') as idle_days,
        of_one(cast(created_at as date), position, 'savings') as created_date,
        sum(automations) as automations,
        sum(runs) as runs,
        sum(duration_seconds) as duration_seconds,
        sum(to_e6(paid)) as micros
    from ranked
    group by kind, position
)

-- The rows of a reason are rounded so that they come to its sum. 0 is a true zero: none
-- of them ran in the month.
select
    latest.month,
    counted.* exclude (micros, duration_seconds), -- noqa: RF02
    to_hours(counted.duration_seconds) as duration_hours,
    amount_if_priced(
        whole_minor_part(
            sum(coalesce(counted.micros, 0)) over up_to, coalesce(counted.micros, 0)
        )
    ) as amount,
    cast(sum(counted.entity_count) over reasons as bigint) as kind_automations,
    sum(counted.runs) over reasons as kind_runs,
    to_hours(sum(counted.duration_seconds) over reasons) as kind_hours,
    amount_if_priced(whole_minor(sum(counted.micros) over reasons)) as kind_amount
from counted
left join report_months as latest
    on latest.is_latest
window
    reasons as (partition by counted.kind),
    up_to as (partition by counted.kind order by counted.position)
