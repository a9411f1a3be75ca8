-- Why what a cost centre is charged for a meter differs from the month before.
-- grain: tenant, billing_month, cost_center, meter
-- conserves: nothing: causes are estimates; statement_bridge has what remains

-- In millionths of the currency; quantities in ten-thousandths of base units.
with centers as (
    select
        tenant,
        billing_month,
        cost_center,
        meter,
        sum(cost_micros) as cost_micros,
        sum(prior_e4) as prior_e4,
        sum(prior_micros) as prior_micros,
        sum(unmoved_e4) as unmoved_e4,
        sum(unmoved_micros) as unmoved_micros,
        sum(sum(base_e4)) over meters as all_e4,
        sum(sum(prior_e4)) over meters as all_prior_e4,
        sum(sum(prior_micros)) over meters as all_prior_micros
    from _bridge_consumers
    group by tenant, billing_month, cost_center, meter
    window meters as (partition by tenant, billing_month, meter)
),

-- Where the cost centre used none of it before, the price is that of all others.
valued as (
    select
        centers.*,
        case
            when centers.all_prior_e4 = 0 and earlier.metered_e4 > 0 then 'priced'
            when centers.all_e4 = 0 and metered.metered_e4 > 0 then 'unpriced'
            when centers.all_prior_e4 = 0 then 'first'
            else 'compared'
        end as kind,
        case
            when centers.prior_e4 > 0
                then
                    times_over(
                        centers.prior_micros, centers.unmoved_e4, centers.prior_e4
                    )
            else
                times_over(
                    centers.all_prior_micros,
                    centers.unmoved_e4,
                    nullif(centers.all_prior_e4, 0)
                )
        end as at_prior_price,
        times_over(
            centers.prior_micros,
            centers.all_e4 - centers.all_prior_e4,
            nullif(centers.all_prior_e4, 0)
        ) as grown_micros
    from centers
    left join _usage_tied as metered -- has whatever was used
        on
            centers.tenant = metered.tenant
            and centers.billing_month = metered.billing_month
            and centers.meter = metered.meter
    left join _usage_tied as earlier
        on
            centers.tenant = earlier.tenant
            and centers.billing_month
            = cast(earlier.billing_month + interval 1 month as date)
            and centers.meter = earlier.meter
)

-- A meter that was put on the rate card, or taken off it, is a change of price; one
-- that nobody had used before is a change of volume.
select
    tenant,
    billing_month,
    cost_center,
    meter,
    cost_micros - unmoved_micros as allocation_micros,
    case kind
        when 'priced' then unmoved_micros
        when 'unpriced' then -prior_micros
        when 'first' then 0
        else unmoved_micros - at_prior_price
    end as price_micros,
    case kind
        when 'first' then unmoved_micros
        when 'compared' then grown_micros
        else 0
    end as volume_micros
from valued
