-- What is behind a statement: usage and money of each owner, space and automation, and
-- the money of the month before.
-- grain: tenant, billing_month, cost_center, dimension, entity_id
-- by: month of billing_month, of all tenants, with the month before
-- conserves: sum(amount) per tenant, billing_month, cost_center where dimension =
--   'owner' = charges by tenant, month, cost_center
-- conserves: sum(amount) per tenant, billing_month, cost_center where dimension =
--   'automation' = charges by tenant, month, cost_center
-- conserves: sum(value_amount), sum(saved_minutes) per tenant, billing_month,
--   cost_center where dimension = 'automation' = automation_value by tenant, month,
--   cost_center
-- conserves: sum(prior_amount) where dimension = 'space' =
--   sum(comparable_prior_amount) of int_charges_compared

-- Fixed amounts and corrections are of no owner, space and automation.
with entries as (
    select * -- noqa: AM04
    from int_usage_shared
    union all by name
    select * -- noqa: AM04
    from int_charges_compared
    union all by name
    select
        worth.* exclude (amount), -- noqa: AM04
        worth.month as billing_month
    from automation_value as worth
),

summed as (
    select
        tenant,
        billing_month,
        cost_center,
        dimension_of(grouping(owner_id), grouping(space_id)) as dimension,
        coalesce(owner_id, space_id, automation_id) as entity_id, -- one is grouped by
        sum(base_e4) filter (where meter = 'runs') as runs_e4,
        sum(base_e4) filter (where meter = 'third_party_runs') as third_party_e4,
        sum(base_e4) filter (where meter = 'duration_hours') as seconds_e4,
        sum(base_e4) filter (where meter = 'bandwidth_gb') as bytes_e4,
        sum(amount) as amount,
        sum(comparable_prior_amount) as prior_amount,
        sum(value_amount) as value_amount,
        sum(saved_minutes) as saved_minutes,
        count(meter) + count(amount) > 0 as is_present
    from entries
    group by
        grouping sets (
            (tenant, billing_month, cost_center, owner_id),
            (tenant, billing_month, cost_center, space_id),
            (tenant, billing_month, cost_center, automation_id)
        )
),

both_months as (
    select summed.*
    from summed
    union all by name
    select
        tenant,
        cast(billing_month + interval 1 month as date) as billing_month,
        cost_center,
        dimension,
        entity_id,
        true as was_present
    from summed
    where is_present
)

-- True zeros: nothing of the meter was used, nothing was charged, or the other month
-- has it and this one has not.
select
    tenant,
    billing_month,
    cost_center,
    dimension,
    entity_id,
    coalesce(bool_or(is_present), false) as is_present,
    count(was_present) > 0 as was_present,
    coalesce(sum(runs_e4), 0) as runs_e4,
    coalesce(sum(third_party_e4), 0) as third_party_e4,
    coalesce(sum(seconds_e4), 0) as seconds_e4,
    coalesce(sum(bytes_e4), 0) as bytes_e4,
    to_amount(coalesce(sum(amount), 0)) as amount,
    to_amount(coalesce(sum(prior_amount), 0)) as prior_amount,
    sum(value_amount) as value_amount, -- null where no value is set
    sum(saved_minutes) as saved_minutes,
    -- Null where no cost centre has, or had, it; of the same amounts the last name.
    max_by(cost_center, (sum(amount), cost_center)) filter (
        where bool_or(is_present) and sum(amount) is not null
    ) over moved as most_in,
    max_by(cost_center, (sum(prior_amount), cost_center)) filter (
        where bool_or(was_present) and sum(prior_amount) is not null
    ) over moved as most_before
from both_months
group by tenant, billing_month, cost_center, dimension, entity_id
window moved as (partition by tenant, billing_month, dimension, entity_id)
