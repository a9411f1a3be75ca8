-- What each part of a statement's bridge is made of: automations, meters, items.
-- grain: tenant, month, cost_center, cause, kind, automation_id, other_cost_center,
--   subject
-- by: month of month, of all tenants
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'price' =
--   sum(price_amount) of statement_bridge
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'volume' =
--   sum(volume_amount) of statement_bridge
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'mix' =
--   sum(mix_amount) of statement_bridge
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'allocation' =
--   sum(allocation_amount) of statement_bridge
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'fixed' =
--   sum(fixed_amount) of statement_bridge
-- conserves: sum(amount) per tenant, month, cost_center where cause = 'adjustment' =
--   sum(adjustment_amount) of statement_bridge

-- New is what no cost centre had before, absent what none has now; else it moved, and
-- mostly from the one that lost most of it, or to the one that gained most.
with automations as (
    select
        *,
        case
            when sum(prior_e4) over everywhere = 0 then 'new'
            when sum(base_e4) over everywhere = 0 then 'absent'
            when sum(volume_micros + mix_micros) over here > 0 then 'more'
            else 'less'
        end as used,
        sum(allocation_micros) over here > 0 as has_come,
        min_by(cost_center, (allocation_micros, cost_center)) over everywhere as loser,
        max_by(cost_center, (allocation_micros, cost_center)) over everywhere as gainer
    from _bridge_parts
    window
        everywhere as (partition by tenant, billing_month, automation_id),
        here as (partition by tenant, billing_month, automation_id, cost_center)
),

-- Rounding is what the part has beside the automations' own.
entries as (
    select
        tenant,
        billing_month as month,
        cost_center,
        unnest(['allocation', 'volume', 'mix', 'mix', 'price']) as cause,
        unnest(
            [if(has_come, 'moved in', 'moved away'), used, used, 'rounding', 'price']
        ) as kind,
        unnest([automation_id, automation_id, automation_id, '', '']) as automation_id,
        unnest([if(has_come, loser, gainer), '', '', '', '']) as other_cost_center,
        unnest(['', '', '', '', meter]) as subject,
        unnest(
            [allocation_micros, volume_micros, mix_micros, -mix_micros, price_micros]
        ) as micros
    from automations
    union all by name
    select
        tenant,
        month,
        cost_center,
        'mix' as cause,
        'rounding' as kind,
        '' as automation_id,
        '' as other_cost_center,
        '' as subject,
        to_e6(mix_amount) as micros
    from statement_bridge
    union all by name
    select
        tenant,
        billing_month as month,
        cost_center,
        kind as cause,
        kind,
        '' as automation_id,
        '' as other_cost_center,
        item as subject,
        to_e6(coalesce(amount, 0) - coalesce(prior_amount, 0)) as micros -- true zeros
    from int_charges_compared
    where kind != 'usage'
),

sums as (
    select
        * exclude (micros), -- noqa: AM04
        sum(micros) as micros
    from entries
    group by all
)

-- Rounded as they add up, the largest first, so that they come to their rounded sum.
select
    sums.* exclude (micros), -- noqa: AM04, RF02
    whole_minor_part(sum(sums.micros) over up_to, sums.micros) as amount
from sums
inner join statement_bridge as bridge using (tenant, month, cost_center) -- noqa: ST07
where bridge.prior_amount is not null -- drops what has nothing to compare with
window
    up_to as (
        partition by sums.tenant, sums.month, sums.cost_center, sums.cause
        order by
            abs(sums.micros) desc,
            sums.kind asc, sums.automation_id asc, sums.subject asc
    )
qualify whole_minor_part(sum(sums.micros) over up_to, sums.micros) != 0
