-- Every unit that has a price is on one line, whatever cost centre takes it.

with charged as (
    select
        tenant,
        billing_month,
        meter,
        sum(base_quantity) as base_quantity
    from int_charges
    where kind = 'usage'
    group by tenant, billing_month, meter
),

used as (
    select
        periods.tenant,
        periods.billing_month,
        seed_meters.meter,
        sum(
            case seed_meters.meter
                when 'runs' then periods.runs
                when 'third_party_runs' then periods.third_party_runs
                when 'duration_hours' then periods.duration_seconds
                when 'bandwidth_gb' then periods.bandwidth_bytes
                when 'api_calls' then periods.api_calls
            end
        ) as base_quantity
    from int_usage_by_period as periods
    cross join seed_meters
    group by periods.tenant, periods.billing_month, seed_meters.meter
),

card as (
    select meter
    from finance_rates
    group by meter
)

-- Nothing used, or nothing known, is no line: both are 0 here.
select
    used.tenant,
    used.billing_month,
    used.meter,
    used.base_quantity,
    charged.base_quantity as charged_quantity
from used
inner join card -- what is not on the card is not charged
    on used.meter = card.meter
left join charged
    on
        used.tenant = charged.tenant
        and used.billing_month = charged.billing_month
        and used.meter = charged.meter
where coalesce(used.base_quantity, 0) != coalesce(charged.base_quantity, 0)
