-- Whether what was metered in a month is what is charged, and what the provider says.
-- grain: tenant, month, meter
-- conserves: sum(billed_amount) per tenant, month = sum(amount) of charges where kind =
--   'usage'

with tied as (
    select
        used.*,
        meters.unit,
        meters.base_per_unit,
        2 * cast(meters.base_per_unit as hugeint) * 10000 as halves,
        coalesce(used.metered_bp, 0) - used.charged_bp
        - used.unpriced_bp
        - used.later_bp as difference_bp,
        figures.read_date,
        figures.provider_used,
        -- Between what we had counted before and after the day of the reading, it
        -- is what we say; a figure outside is off by what is missing to the nearer.
        figures.provider_used
        - least(
            greatest(figures.provider_used, figures.used_before), figures.used_after
        ) as provider_difference,
        figures.used_after * coalesce(getvariable('tolerance_millionths'), 5000)
            as tolerance_millionths
    from _usage_tied as used
    inner join seed_meters as meters -- drops nothing: there is no other meter
        on used.meter = meters.meter
    left join _provider_figures as figures
        on
            used.tenant = figures.tenant
            and used.billing_month = figures.billing_month
            and used.meter = figures.meter
),

-- In millionths of billing units, rounded half up; what comes later may be negative.
counted as (
    select
        *,
        (2000000 * metered_bp + halves // 2) // halves as metered_micros,
        (2000000 * charged_bp + halves // 2) // halves as charged_micros,
        (2000000 * unallocated_bp + halves // 2) // halves as unallocated_micros,
        (2000000 * unpriced_bp + halves // 2) // halves as unpriced_micros,
        sign(later_bp) * ((2000000 * abs(later_bp) + halves // 2) // halves)
            as later_micros,
        (2000 * products + halves // 2) // halves as exact_billionths
    from tied
)

select
    tenant,
    billing_month as month,
    meter,
    unit,
    is_closed as closed,
    cast(cast(metered_micros as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as metered_quantity,
    cast(cast(charged_micros as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as charged_quantity,
    cast(cast(unallocated_micros as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as unallocated_quantity,
    cast(cast(unpriced_micros as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as unpriced_quantity,
    cast(cast(later_micros as decimal(32, 0)) * 0.000001 as decimal(38, 6))
        as later_quantity,
    cast(cast(difference_bp as decimal(34, 0)) * 0.0001 as decimal(38, 4))
        as difference,
    unknown_runs,
    cast(cast(exact_billionths as decimal(28, 0)) * 0.000000001 as decimal(38, 9))
        as exact_amount,
    cast(amount as decimal(18, 3)) as billed_amount,
    cast(
        amount
        - cast(
            cast(exact_billionths as decimal(28, 0)) * 0.000000001 as decimal(38, 9)
        ) as decimal(38, 9)
    ) as rounding_difference,
    getvariable('currency') as currency,
    read_date as provider_date,
    provider_used as provider_quantity,
    provider_difference,
    cast(
        cast(tolerance_millionths as decimal(32, 0)) * 0.000001 as decimal(38, 6)
    ) as tolerance_quantity,
    case
        when provider_difference is null then 'unknown'
        when provider_difference = 0 then 'ties'
        when abs(provider_difference) * 1000000 <= tolerance_millionths then 'within'
        else 'beyond'
    end as status
from counted
