-- What the usage of a day costs by cost centre and owner: to analyse, never to bill.
-- grain: tenant, usage_date, cost_center, owner_id, automation_id
-- conserves: nothing: what was used today of a closed month meets the prices of then

-- Automations that cost too little to be looked at share a row. Quantities are in
-- ten-thousandths of base units. Zeros: what is unknown is not charged.
with used as (
    select
        daily.tenant,
        daily.date as usage_date,
        billing_days.period_start,
        assigned.cost_center,
        daily.owner_id,
        coalesce(high_cost.automation_id, '') as automation_id,
        sum(daily.runs * assigned.share_basis_points) as runs_e4,
        coalesce(
            sum(daily.third_party_runs * assigned.share_basis_points), 0
        ) as third_party_runs_e4,
        coalesce(
            sum(cast(daily.duration_seconds as hugeint) * assigned.share_basis_points),
            0
        ) as duration_e4,
        coalesce(
            sum(
                (cast(daily.bandwidth_in_bytes as hugeint) + daily.bandwidth_out_bytes)
                * assigned.share_basis_points
            ),
            0
        ) as bandwidth_e4,
        coalesce(sum(daily.api_calls * assigned.share_basis_points), 0) as api_calls_e4
    from automation_daily as daily
    inner join int_billing_days as billing_days -- drops nothing: a row for each date
        on daily.date = billing_days.usage_date
    inner join int_cost_centers_assigned as assigned -- drops nothing: shares of all
        on
            daily.tenant = assigned.tenant
            and billing_days.period_start = assigned.period_start
            and daily.automation_id = assigned.automation_id
            and daily.owner_id = assigned.owner_id
            and daily.space_id = assigned.space_id
    left join _high_cost_automations as high_cost
        on
            daily.tenant = high_cost.tenant
            and daily.automation_id = high_cost.automation_id
    group by
        daily.tenant,
        daily.date,
        billing_days.period_start,
        assigned.cost_center,
        daily.owner_id,
        coalesce(high_cost.automation_id, '')
)

select
    used.tenant,
    used.usage_date,
    used.cost_center,
    used.owner_id,
    used.automation_id,
    cast(
        cast(
            (
                used.runs_e4 * prices.runs_price
                + used.third_party_runs_e4 * prices.third_party_runs_price
                + used.duration_e4 * prices.duration_price
                + used.bandwidth_e4 * prices.bandwidth_price
                + used.api_calls_e4 * prices.api_calls_price
                + 500000000000000
            )
            // 1000000000000000 as decimal(18, 0)
        )
        * 0.000001 as decimal(18, 6)
    ) as amount
from used
inner join _prices_effective as prices -- drops what is not charged
    on
        used.tenant = prices.tenant
        and used.period_start = prices.period_start
        and used.cost_center = prices.cost_center
