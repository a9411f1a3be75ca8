-- A statement by owner, space and automation, beside the month before: new and gone.
-- grain: tenant, month, cost_center, dimension, position
-- conserves: sum(amount) per tenant, month, cost_center where dimension = 'owner' =
--   statement

-- A row for whoever is in the month or was in the one before; who has neither usage
-- nor money is in neither.
with compared as (
    select
        coalesce(today.tenant, earlier.tenant) as tenant,
        coalesce(
            today.billing_month,
            cast(earlier.billing_month + interval 1 month as date)
        ) as billing_month,
        coalesce(today.cost_center, earlier.cost_center) as cost_center,
        coalesce(today.dimension, earlier.dimension) as dimension,
        coalesce(today.entity_id, earlier.entity_id) as entity_id,
        today.entity_id is not null as is_present,
        earlier.entity_id is not null as was_present,
        -- True zeros: the other month has it, this one has not.
        coalesce(today.runs_bp, 0) as runs_bp,
        coalesce(today.third_party_bp, 0) as third_party_bp,
        coalesce(today.seconds_bp, 0) as seconds_bp,
        coalesce(today.bytes_bp, 0) as bytes_bp,
        coalesce(today.amount, 0) as amount,
        coalesce(earlier.amount, 0) as prior_amount
    from _statement_used as today
    full join _statement_used as earlier
        on
            today.tenant = earlier.tenant
            and today.billing_month
            = cast(earlier.billing_month + interval 1 month as date)
            and today.cost_center = earlier.cost_center
            and today.dimension = earlier.dimension
            and today.entity_id = earlier.entity_id
),

labels as (
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        label,
        nullif(email, label) as detail,
        is_deleted
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label,
        type as detail,
        is_deleted
    from spaces
    union all
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        label,
        owner_label as detail,
        is_deleted
    from int_automation_names
),

-- Only months that have a statement: not the one after the last.
ranked as (
    select
        compared.*,
        statement.prior_amount is not null as is_prior_known,
        row_number() over (
            partition by
                compared.tenant,
                compared.billing_month,
                compared.cost_center,
                compared.dimension
            order by
                compared.entity_id = 'shared',
                compared.amount desc,
                compared.runs_bp desc,
                compared.prior_amount desc,
                compared.entity_id asc
        ) as entity_rank
    from compared
    inner join statement
        on
            compared.tenant = statement.tenant
            and compared.billing_month = statement.month
            and compared.cost_center = statement.cost_center
),

-- From the 101st on they share a row, so that the rows sum to the statement; fixed
-- amounts and corrections keep a row of their own, the last.
placed as (
    select
        tenant,
        billing_month,
        cost_center,
        dimension,
        case
            when entity_id = 'shared' then 102 else least(entity_rank, 101)
        end as position,
        bool_and(is_prior_known) as is_prior_known, -- the same for all
        count(*) as entity_count,
        max(entity_id) as entity_id,
        bool_and(is_present) as is_present,
        bool_and(was_present) as was_present,
        count(*) filter (where is_present and not was_present) as new_count,
        count(*) filter (where was_present and not is_present) as gone_count,
        sum(runs_bp) as runs_bp,
        sum(third_party_bp) as third_party_bp,
        sum(seconds_bp) as seconds_bp,
        sum(bytes_bp) as bytes_bp,
        cast(sum(amount) as decimal(18, 3)) as amount,
        cast(sum(prior_amount) as decimal(18, 3)) as prior_amount
    from ranked
    group by
        tenant,
        billing_month,
        cost_center,
        dimension,
        case when entity_id = 'shared' then 102 else least(entity_rank, 101) end
)

select
    placed.tenant,
    placed.billing_month as month,
    placed.cost_center,
    placed.dimension,
    placed.position,
    placed.position = 101 as is_rest,
    placed.entity_count,
    case when placed.position != 101 then placed.entity_id end as entity_id,
    case placed.position
        when 101 then null
        when 102 then 'Fixed amounts and corrections'
        else coalesce(labels.label, placed.entity_id)
    end as label,
    case when placed.position < 101 then labels.detail end as detail,
    case when placed.position < 101 then labels.is_deleted end as is_deleted,
    -- In runs, seconds and bytes; a fraction where cost centres share an automation.
    cast(placed.runs_bp * 0.0001 as decimal(38, 4)) as runs,
    cast(placed.third_party_bp * 0.0001 as decimal(38, 4)) as third_party_runs,
    cast(placed.seconds_bp * 0.0001 as decimal(38, 4)) as duration_seconds,
    cast(placed.bytes_bp * 0.0001 as decimal(38, 4)) as bandwidth_bytes,
    placed.amount,
    case when placed.is_prior_known then placed.prior_amount end as prior_amount,
    case
        when placed.is_prior_known
            then cast(placed.amount - placed.prior_amount as decimal(18, 3))
    end as change_amount,
    case
        when not placed.is_prior_known or placed.position > 100 then null
        when not placed.was_present then 'new'
        when not placed.is_present then 'gone'
    end as presence,
    case when placed.is_prior_known then placed.new_count end as new_count,
    case when placed.is_prior_known then placed.gone_count end as gone_count,
    -- Shares are for reading, not for booking. Of nothing there is none: null.
    cast(
        placed.amount
        / nullif(
            sum(placed.amount) over (
                partition by
                    placed.tenant,
                    placed.billing_month,
                    placed.cost_center,
                    placed.dimension
            ),
            0
        ) as decimal(18, 6)
    ) as amount_ratio
from placed
left join labels
    on
        placed.tenant = labels.tenant
        and placed.dimension = labels.dimension
        and placed.entity_id = labels.entity_id
