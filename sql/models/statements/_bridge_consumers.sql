-- What an automation used and cost a cost centre in two successive months.
-- grain: tenant, billing_month, cost_center, meter, automation_id
-- by: month of billing_month, of all tenants, with the month before
-- conserves: sum(base_e4) per the grain = sum(base_quantity * 10000) of charges
--   by tenant, month, cost_center, meter, automation_id where kind = 'usage'

-- Quantities in ten-thousandths of base units; costs in millionths of the currency,
-- before a line is rounded: a rounded price would look like another price.
with used as (
    select
        charges.tenant,
        charges.month as billing_month,
        charges.cost_center,
        charges.meter,
        charges.automation_id,
        to_e4(sum(charges.base_quantity)) as base_e4,
        sum(
            to_e6(charges.unit_price)
            * to_e4(charges.base_quantity - charges.included_base_quantity)
        )
        // max(meters.base_per_unit * 10000) as cost_micros
    from charges
    inner join seed_meters as meters -- drops what has no meter, thus is no usage
        on charges.meter = meters.meter
    where charges.kind = 'usage'
    group by
        charges.tenant,
        charges.month,
        charges.cost_center,
        charges.meter,
        charges.automation_id
),

-- The full join keeps who came and who left. Zeros are true ones.
compared as (
    select
        coalesce(used.tenant, earlier.tenant) as tenant,
        coalesce(
            used.billing_month, cast(earlier.billing_month + interval 1 month as date)
        ) as billing_month,
        coalesce(used.cost_center, earlier.cost_center) as cost_center,
        coalesce(used.meter, earlier.meter) as meter,
        coalesce(used.automation_id, earlier.automation_id) as automation_id,
        coalesce(used.base_e4, 0) as base_e4,
        coalesce(used.cost_micros, 0) as cost_micros,
        coalesce(earlier.base_e4, 0) as prior_e4,
        coalesce(earlier.cost_micros, 0) as prior_micros
    from used
    full join used as earlier
        on
            used.tenant = earlier.tenant
            and used.billing_month
            = cast(earlier.billing_month + interval 1 month as date)
            and used.cost_center = earlier.cost_center
            and used.meter = earlier.meter
            and used.automation_id = earlier.automation_id
),

-- Over all cost centres that share the automation.
shared as (
    select
        *,
        sum(base_e4) over automations as whole_e4,
        sum(cost_micros) over automations as whole_micros,
        base_e4 * 1000000 // nullif(sum(base_e4) over automations, 0) as center_share,
        prior_e4 * 1000000 // nullif(sum(prior_e4) over automations, 0) as prior_share
    from compared
    window automations as (partition by tenant, billing_month, meter, automation_id)
)

-- Had nothing moved, each cost centre would have the share of the month before. What
-- is new or absent altogether has not moved.
select
    tenant,
    billing_month,
    cost_center,
    meter,
    automation_id,
    base_e4,
    cost_micros,
    prior_e4,
    prior_micros,
    case
        when center_share != prior_share then whole_e4 * prior_share // 1000000
        else base_e4
    end as unmoved_e4,
    case
        when center_share != prior_share then whole_micros * prior_share // 1000000
        else cost_micros
    end as unmoved_micros
from shared
