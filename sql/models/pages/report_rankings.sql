-- The owners, spaces and automations of the highest cost in a month, over all tenants.
-- grain: month, dimension, position
-- conserves: sum(amount), sum(runs) per month, dimension = usage_monthly

with ranked as (
    select
        used.*,
        shown_rank(
            row_number() over (
                partition by used.month, used.dimension
                order by
                    used.amount desc nulls last,
                    used.runs desc nulls last,
                    used.label asc,
                    used.tenant asc,
                    used.entity_id asc
            ),
            used.dimension
        ) as shown_position
    from usage_monthly as used
)

select
    month,
    dimension,
    shown_position as position,
    is_remaining(shown_position, dimension) as is_rest,
    count(*) as entity_count,
    of_one(tenant, shown_position, dimension) as tenant,
    of_one(entity_id, shown_position, dimension) as entity_id,
    of_one(label, shown_position, dimension) as label,
    of_one(detail, shown_position, dimension) as detail,
    of_one(is_deleted, shown_position, dimension) as is_deleted,
    sum(runs) as runs,
    sum(third_party_runs) as third_party_runs,
    sum(failed_runs) as failed_runs,
    sum(duration_seconds) as duration_seconds,
    sum(bandwidth_in_bytes) as bandwidth_in_bytes,
    sum(bandwidth_out_bytes) as bandwidth_out_bytes,
    to_amount(sum(amount)) as amount,
    max(currency) as currency, -- the same for all
    to_ratio(
        sum(amount), sum(sum(amount)) over (partition by month, dimension)
    ) as amount_ratio,
    to_ratio(sum(runs), sum(sum(runs)) over (partition by month, dimension))
        as runs_ratio
from ranked
group by month, dimension, shown_position
