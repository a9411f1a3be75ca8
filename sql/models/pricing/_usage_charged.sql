-- A statement's usage lines by owner, space and automation, in whole minor units.
-- grain: tenant, billing_month, cost_center, meter, rate_from, tier, owner_id,
--   space_id, automation_id
-- conserves: sum(net_minor), sum(included_minor) per statement_line = _lines_rounded
-- conserves: sum(included_bp), sum(billable_bp) per the grain = _usage_tiered

-- // and % leave a whole part and a remainder that lose nothing. Who has nothing
-- billable, or nothing included, has no part in it, and no division to pay for.
with divisions as (
    select
        rounded.statement_line,
        used.owner_id,
        used.space_id,
        used.automation_id,
        used.included_bp,
        used.billable_bp,
        rounded.net_minor,
        rounded.included_minor,
        case
            when used.billable_bp = 0 then 0
            else rounded.net_minor * used.billable_bp // rounded.billable_bp
        end as net_part,
        case
            when used.billable_bp = 0 then 0
            else rounded.net_minor * used.billable_bp % rounded.billable_bp
        end as net_fraction,
        case
            when used.included_bp = 0 then 0
            else rounded.included_minor * used.included_bp // rounded.included_bp
        end as included_part,
        case
            when used.included_bp = 0 then 0
            else rounded.included_minor * used.included_bp % rounded.included_bp
        end as included_fraction
    from _usage_tiered as used
    inner join _lines_rounded as rounded -- drops nothing: they are the sums of it
        on
            used.tenant = rounded.tenant
            and used.billing_month = rounded.billing_month
            and used.cost_center = rounded.cost_center
            and used.meter = rounded.meter
            and used.rate_from = rounded.rate_from
            and used.tier = rounded.tier
),

-- What is left over goes one by one to the largest remainders.
ranked as (
    select
        *,
        net_minor - sum(net_part) over parts_of_line as net_left,
        included_minor - sum(included_part) over parts_of_line as included_left,
        row_number() over (
            partition by statement_line
            order by
                net_fraction desc, owner_id asc, space_id asc, automation_id asc
        ) as net_place,
        row_number() over (
            partition by statement_line
            order by
                included_fraction desc, owner_id asc, space_id asc, automation_id asc
        ) as included_place
    from divisions
    window parts_of_line as (partition by statement_line)
)

-- What is the same for all of a line is taken from it last: less to carry and sort.
select
    ranked.statement_line,
    rounded.tenant,
    rounded.billing_month,
    rounded.cost_center,
    rounded.meter,
    rounded.rate_from,
    rounded.tier,
    ranked.owner_id,
    ranked.space_id,
    ranked.automation_id,
    rounded.unit,
    rounded.base_per_unit,
    rounded.unit_price,
    rounded.currency,
    ranked.included_bp,
    ranked.billable_bp,
    case
        when ranked.net_place <= ranked.net_left then ranked.net_part + 1
        else ranked.net_part
    end as net_minor,
    case
        when ranked.included_place <= ranked.included_left
            then ranked.included_part + 1
        else ranked.included_part
    end as included_minor
from ranked
inner join _lines_rounded as rounded -- drops nothing: each is of one line
    on ranked.statement_line = rounded.statement_line
