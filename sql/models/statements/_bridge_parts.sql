-- Why what an automation costs a cost centre by a meter differs from the month before.
-- grain: tenant, billing_month, cost_center, meter, automation_id
-- by: month of billing_month, of all tenants, with the month before
-- conserves: each cost_micros - prior_micros =
--   price_micros + volume_micros + mix_micros + allocation_micros

-- In millionths of the currency; quantities in ten-thousandths of base units. Prices
-- and growth are those of the cost centre, or of all of them: see statement_bridge.
with summed as (
    select
        *,
        sum(prior_e4) over centers as center_prior,
        sum(prior_micros) over centers as center_micros,
        sum(unmoved_e4) over centers as center_e4,
        sum(prior_micros) over up_to as micros_up_to,
        sum(unmoved_e4) over up_to as e4_up_to,
        sum(base_e4) over meters as all_e4,
        sum(prior_e4) over meters as all_prior_e4,
        sum(prior_micros) over meters as all_micros
    from _bridge_consumers
    window
        meters as (partition by tenant, billing_month, meter),
        centers as (partition by tenant, billing_month, cost_center, meter),
        up_to as (centers order by automation_id)
),

-- Where the cost centre used none of it before, the price is that of all others.
valued as (
    select
        one.*,
        case
            when one.all_prior_e4 = 0 and earlier.metered_e4 > 0 then 'priced'
            when one.all_e4 = 0 and metered.metered_e4 > 0 then 'unpriced'
            when one.all_prior_e4 = 0 then 'first'
            else 'compared'
        end as kind,
        coalesce(
            times_over(one.center_micros, one.center_e4, nullif(one.center_prior, 0)),
            times_over(one.all_micros, one.center_e4, nullif(one.all_prior_e4, 0))
        ) as at_prior_price,
        times_over(
            one.center_micros,
            one.all_e4 - one.all_prior_e4,
            nullif(one.all_prior_e4, 0)
        ) as grown_micros
    from summed as one
    left join _usage_tied as metered -- has whatever was used
        on
            one.tenant = metered.tenant
            and one.billing_month = metered.billing_month
            and one.meter = metered.meter
    left join _usage_tied as earlier
        on
            one.tenant = earlier.tenant
            and one.billing_month
            = cast(earlier.billing_month + interval 1 month as date)
            and one.meter = earlier.meter
)

-- A meter that was put on the rate card, or taken off it, is a change of price; one
-- that nobody had used before is a change of volume. What is of a cost centre is
-- divided among its automations by usage or by cost, so that nothing is lost.
select
    tenant,
    billing_month,
    cost_center,
    meter,
    automation_id,
    base_e4,
    prior_e4,
    cost_micros,
    prior_micros,
    cost_micros - unmoved_micros as allocation_micros,
    case kind
        when 'priced' then unmoved_micros
        when 'unpriced' then -prior_micros
        when 'first' then 0
        else
            unmoved_micros
            - running_part(at_prior_price, e4_up_to, unmoved_e4, center_e4)
    end as price_micros,
    case kind
        when 'first' then unmoved_micros
        when 'compared'
            then running_part(grown_micros, micros_up_to, prior_micros, center_micros)
        else 0
    end as volume_micros,
    unmoved_micros - prior_micros - price_micros - volume_micros as mix_micros
from valued
