-- Whether what was metered in a month is what is charged, and what the provider says.
-- grain: tenant, month, meter
-- conserves: sum(billed_amount) per tenant, month = sum(amount) of charges where kind =
--   'usage'

with tied as (
    select
        used.*,
        meters.unit,
        meters.base_per_unit,
        coalesce(used.metered_e4, 0)
        - used.charged_e4
        - used.unpriced_e4
        - used.later_e4 as difference_e4,
        -- Of millionths for ten-thousandths of base units, rounded to billionths.
        cast(half_up(used.products, 10 * meters.base_per_unit) as decimal(28, 0))
        * 0.000000001 as exact_amount,
        figures.read_date,
        figures.provider_used,
        -- Between what we had counted before and after the day of the reading, it
        -- is what we say; a figure outside is off by what is missing to the nearer.
        figures.provider_used
        - least(
            greatest(figures.provider_used, figures.used_before), figures.used_after
        ) as provider_difference,
        figures.used_after * getvariable('tolerance_millionths')
            as tolerance_millionths
    from _usage_tied as used
    inner join seed_meters as meters -- drops nothing: there is no other meter
        on used.meter = meters.meter
    left join _provider_figures as figures
        on
            used.tenant = figures.tenant
            and used.billing_month = figures.billing_month
            and used.meter = figures.meter
)

select
    tenant,
    billing_month as month,
    meter,
    unit,
    is_closed as closed,
    from_e6(billing_e6(metered_e4, base_per_unit)) as metered_quantity,
    from_e6(billing_e6(charged_e4, base_per_unit)) as charged_quantity,
    from_e6(billing_e6(unallocated_e4, base_per_unit)) as unallocated_quantity,
    from_e6(billing_e6(unpriced_e4, base_per_unit)) as unpriced_quantity,
    from_e6(billing_e6(later_e4, base_per_unit)) as later_quantity,
    from_e4(difference_e4) as difference,
    unknown_runs,
    cast(exact_amount as decimal(38, 9)) as exact_amount,
    to_amount(amount) as billed_amount,
    cast(amount - exact_amount as decimal(38, 9)) as rounding_difference,
    getvariable('currency') as currency,
    read_date as provider_date,
    provider_used as provider_quantity,
    provider_difference,
    from_e6(tolerance_millionths) as tolerance_quantity,
    case
        when provider_difference is null then 'unknown'
        when provider_difference = 0 then 'ties'
        when abs(provider_difference) * 1000000 <= tolerance_millionths then 'within'
        else 'beyond'
    end as status
from tied
