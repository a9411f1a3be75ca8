-- Who used how much on which day, where the allowance goes to who comes first.
-- grain: tenant, usage_date, meter, automation_id, owner_id, space_id, cost_center
-- conserves: nothing: it holds days of some meters only

with first_come as (
    select
        meter,
        rate_from,
        valid_to
    from int_rates
    where tier = 1 and policy = 'first_come' and included_bp > 0
),

metered as (
    select
        used.tenant,
        used.date as usage_date,
        used.automation_id,
        used.owner_id,
        used.space_id,
        first_come.meter,
        first_come.rate_from,
        case first_come.meter
            when 'runs' then used.runs
            when 'third_party_runs' then used.third_party_runs
            when 'duration_hours' then used.duration_seconds
            when 'bandwidth_gb' then used.bandwidth_in_bytes + used.bandwidth_out_bytes
            when 'api_calls' then used.api_calls
        end as base_quantity
    from automation_daily as used
    inner join first_come -- other allowances need no days
        on
            used.date >= first_come.rate_from
            and (first_come.valid_to is null or used.date <= first_come.valid_to)
    where
        getvariable('priced_month') is null
        or date_trunc('month', used.date) = getvariable('priced_month')
)

select
    metered.tenant,
    billing_days.billing_month,
    metered.usage_date,
    metered.meter,
    metered.rate_from,
    metered.automation_id,
    metered.owner_id,
    metered.space_id,
    chosen.cost_center,
    cast(metered.base_quantity as hugeint) * chosen.share_basis_points as base_bp
from metered
inner join int_billing_days as billing_days -- drops nothing: a row for each date
    on metered.usage_date = billing_days.usage_date
inner join int_cost_centers_assigned as chosen -- drops nothing: shares of 10000 in all
    on
        metered.tenant = chosen.tenant
        and billing_days.period_start = chosen.period_start
        and metered.automation_id = chosen.automation_id
        and metered.owner_id = chosen.owner_id
        and metered.space_id = chosen.space_id
where metered.base_quantity > 0
