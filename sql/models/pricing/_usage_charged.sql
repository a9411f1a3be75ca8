-- A statement's usage lines by owner, space and automation, in whole minor units.
-- grain: tenant, billing_month, cost_center, meter, rate_from, tier, owner_id,
--   space_id, automation_id
-- by: month of billing_month, of all tenants
-- conserves: sum(net_minor), sum(included_minor) per billing_month, statement_line =
--   _lines_rounded
-- conserves: sum(billable_e4), sum(included_e4) per tenant, billing_month, cost_center,
--   meter, rate_from, tier, owner_id, space_id, automation_id = _usage_tiered

with divisions as (
    select
        lines.billing_month,
        lines.statement_line,
        used.owner_id,
        used.space_id,
        used.automation_id,
        used.included_e4,
        used.billable_e4,
        lines.net_minor,
        lines.included_minor,
        whole_part(lines.net_minor, used.billable_e4, lines.billable_e4) as net_part,
        fraction_part(lines.net_minor, used.billable_e4, lines.billable_e4)
            as net_fraction,
        whole_part(lines.included_minor, used.included_e4, lines.included_e4)
            as included_part,
        fraction_part(lines.included_minor, used.included_e4, lines.included_e4)
            as included_fraction
    from _usage_tiered as used
    inner join _lines_rounded as lines -- drops nothing: they are the sums of it
        on
            used.tenant = lines.tenant
            and used.billing_month = lines.billing_month
            and used.cost_center = lines.cost_center
            and used.meter = lines.meter
            and used.rate_from = lines.rate_from
            and used.tier = lines.tier
),

parts as (
    select
        *,
        largest_remainder(
            net_part,
            net_minor - sum(net_part) over parts,
            row_number() over (
                parts
                order by
                    net_fraction desc, owner_id asc, space_id asc, automation_id asc
            )
        ) as net_share,
        largest_remainder(
            included_part,
            included_minor - sum(included_part) over parts,
            row_number() over (
                parts
                order by
                    included_fraction desc,
                    owner_id asc,
                    space_id asc,
                    automation_id asc
            )
        ) as included_share
    from divisions
    window parts as (partition by billing_month, statement_line)
)

-- What is the same for all of a line is taken from it last: less to carry and sort.
select
    parts.statement_line,
    lines.tenant,
    lines.billing_month,
    lines.cost_center,
    lines.meter,
    lines.rate_from,
    lines.tier,
    parts.owner_id,
    parts.space_id,
    parts.automation_id,
    lines.unit,
    lines.base_per_unit,
    lines.unit_price,
    lines.currency,
    parts.included_e4,
    parts.billable_e4,
    parts.net_share as net_minor,
    parts.included_share as included_minor
from parts
inner join _lines_rounded as lines -- drops nothing: each is of one line
    on
        parts.billing_month = lines.billing_month
        and parts.statement_line = lines.statement_line
