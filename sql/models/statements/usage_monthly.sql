-- What each owner, space and automation used and is charged in a month, ranked.
-- grain: tenant, month, dimension, entity_id
-- by: month of month, of all tenants
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'owner' = automation_daily by tenant, date_trunc('month', date)
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'space' = automation_daily by tenant, date_trunc('month', date)
-- conserves: sum(runs), sum(third_party_runs), sum(failed_runs), sum(duration_seconds),
--   sum(bandwidth_in_bytes), sum(bandwidth_out_bytes) per tenant, month
--   where dimension = 'automation' = automation_daily by tenant, date_trunc('month',
--   date)
-- conserves: sum(amount) per tenant, month where dimension = 'owner' = charges
-- conserves: sum(amount) per tenant, month where dimension = 'automation' = charges

-- Usage and charges together: fixed amounts and corrections are of no owner, space and
-- automation, and charges tell nothing of runs.
with entries as (
    select
        daily.*,
        cast(date_trunc('month', daily.date) as date) as billing_month
    from automation_daily as daily
    union all by name
    select
        tenant,
        month as billing_month,
        coalesce(owner_id, 'shared') as owner_id,
        coalesce(space_id, 'shared') as space_id,
        coalesce(automation_id, 'shared') as automation_id,
        amount
    from charges
),

summed as (
    select
        tenant,
        billing_month,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs,
        sum(amount) as amount
    from entries
    group by
        tenant, billing_month, grouping sets ((owner_id), (space_id), (automation_id))
)

-- Where prices are set and no line stands, nothing on the card was used: a true zero.
select
    summed.tenant,
    summed.billing_month as month,
    summed.dimension,
    summed.entity_id,
    row_number() over (
        partition by summed.tenant, summed.billing_month, summed.dimension
        order by
            summed.entity_id = 'shared',
            coalesce(summed.amount, 0) desc,
            summed.runs desc,
            labels.label asc,
            summed.entity_id asc
    ) as position,
    label_of(summed.entity_id, coalesce(closed.label, labels.label)) as label,
    labels.detail,
    labels.is_deleted and labels.deleted_since <= last_day(summed.billing_month)
        as is_deleted,
    summed.* exclude ( -- noqa: AM04
        tenant, billing_month, dimension, entity_id, amount -- noqa: RF02
    ),
    amount_if_priced(summed.amount) as amount,
    getvariable('priced_currency') as currency
from summed
left join int_labels as labels
    on
        summed.tenant = labels.tenant
        and summed.dimension = labels.dimension
        and summed.entity_id = labels.entity_id
        and at_month_end(summed.billing_month, labels.shown_from, labels.shown_until)
left join raw_closed_labels as closed -- what it was called when the month was closed
    on
        summed.tenant = closed.tenant
        and summed.billing_month = closed.month
        and is_called_as_closed(summed.dimension, closed.dimension)
        and summed.entity_id = closed.entity_id
