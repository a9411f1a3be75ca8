-- A statement by owner, space and automation, beside the month before: new and absent.
-- grain: tenant, month, cost_center, dimension, position
-- by: month of month, of all tenants
-- conserves: sum(amount) per tenant, month, cost_center where dimension = 'owner' =
--   statement

-- Only months that have a statement: not the one after the last. Fixed amounts and
-- corrections keep a row of their own, the last.
with ranked as (
    select
        used.*,
        -- Of automations; owners and spaces are of several cost centres at once.
        if(used.was_present, used.most_in, used.most_before) as other_cost_center,
        used.dimension = 'automation' and other_cost_center is not null as has_moved,
        label_of(used.entity_id, labels.label) as label,
        labels.detail,
        labels.is_deleted and labels.deleted_since <= last_day(used.billing_month)
            as is_deleted,
        statement.comparable_prior_amount is not null as is_prior_known,
        case
            when statement.comparable_prior_amount is null then null
            when not used.was_present then if(has_moved, 'moved in', 'new')
            when not used.is_present then if(has_moved, 'moved away', 'absent')
        end as presence,
        shown_rank_or_shared(
            used.entity_id,
            row_number() over (
                partition by
                    used.tenant, used.billing_month, used.cost_center, used.dimension
                order by
                    used.entity_id = 'shared',
                    used.amount desc,
                    used.runs_e4 desc,
                    used.prior_amount desc,
                    used.entity_id asc
            ),
            'statement'
        ) as position
    from _statement_used as used
    inner join statement
        on
            used.tenant = statement.tenant
            and used.billing_month = statement.month
            and used.cost_center = statement.cost_center
    left join int_labels as labels
        on
            used.tenant = labels.tenant
            and used.dimension = labels.dimension
            and used.entity_id = labels.entity_id
            and at_month_end(used.billing_month, labels.shown_from, labels.shown_until)
    -- Of a running month, not who may still come and cost nothing on the same days.
    where
        used.is_present
        or used.prior_amount != 0
        or statement.month is distinct from getvariable('running_month')
)

select
    tenant,
    billing_month as month,
    cost_center,
    dimension,
    position,
    is_remaining(position, 'statement') as is_rest,
    count(*) as entity_count,
    of_one(entity_id, position, 'statement') as entity_id,
    of_one(label, position, 'statement') as label,
    of_one(detail, position, 'statement') as detail,
    of_one(is_deleted, position, 'statement') as is_deleted,
    -- In runs, seconds and bytes; a fraction where cost centres share an automation.
    from_e4(sum(runs_e4)) as runs,
    from_e4(sum(third_party_e4)) as third_party_runs,
    from_e4(sum(seconds_e4)) as duration_seconds,
    from_e4(sum(bytes_e4)) as bandwidth_bytes,
    to_amount(sum(amount)) as amount,
    to_amount(sum(value_amount)) as value_amount,
    cast(sum(saved_minutes) / 60 as decimal(30, 2)) as saved_hours,
    to_amount(sum(prior_amount) filter (where is_prior_known)) as prior_amount,
    to_amount(sum(amount - prior_amount) filter (where is_prior_known))
        as change_amount,
    max(presence) filter (where position <= rows_alone('statement')) as presence,
    of_one(if(presence like 'moved%', other_cost_center, null), position, 'statement')
        as other_cost_center,
    case when bool_and(is_prior_known) then count(*) filter (where presence = 'new') end
        as new_count,
    case
        when bool_and(is_prior_known) then count(*) filter (where presence = 'absent')
    end as absent_count,
    to_ratio(sum(amount), sum(sum(amount)) over statements) as amount_ratio
from ranked
group by tenant, billing_month, cost_center, dimension, position
window statements as (partition by tenant, billing_month, cost_center, dimension)
