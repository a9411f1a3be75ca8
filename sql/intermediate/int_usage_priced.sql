-- Usage of the meters that are on the rate card, with the price of its days.
-- grain: tenant, period_start, automation_id, owner_id, space_id, meter

with metered as (
    select
        tenant,
        billing_month,
        period_start,
        automation_id,
        owner_id,
        space_id,
        'runs' as meter,
        runs as base_quantity
    from int_usage_by_period
    union all
    select
        tenant,
        billing_month,
        period_start,
        automation_id,
        owner_id,
        space_id,
        'third_party_runs' as meter,
        third_party_runs as base_quantity
    from int_usage_by_period
    union all
    select
        tenant,
        billing_month,
        period_start,
        automation_id,
        owner_id,
        space_id,
        'duration_hours' as meter,
        duration_seconds as base_quantity
    from int_usage_by_period
    union all
    select
        tenant,
        billing_month,
        period_start,
        automation_id,
        owner_id,
        space_id,
        'bandwidth_gb' as meter,
        bandwidth_bytes as base_quantity
    from int_usage_by_period
),

card as (
    select meter
    from seed_rates
    group by meter
)

-- Days are never without a price in silence: it is null then, and a check fails.
select
    metered.tenant,
    metered.billing_month,
    metered.period_start,
    chosen.cost_center,
    metered.owner_id,
    metered.space_id,
    metered.automation_id,
    metered.meter,
    rates.unit_price,
    rates.currency,
    metered.base_quantity
from metered
inner join card -- a meter that is not on the card is not charged
    on metered.meter = card.meter
inner join int_cost_centers_chosen as chosen -- drops nothing: a row for each
    on
        metered.tenant = chosen.tenant
        and metered.period_start = chosen.period_start
        and metered.automation_id = chosen.automation_id
        and metered.owner_id = chosen.owner_id
        and metered.space_id = chosen.space_id
left join seed_rates as rates
    on
        metered.meter = rates.meter
        and metered.period_start >= rates.valid_from
        and (rates.valid_to is null or metered.period_start <= rates.valid_to)
where metered.base_quantity > 0 -- nothing used, or nothing known: nothing to price
