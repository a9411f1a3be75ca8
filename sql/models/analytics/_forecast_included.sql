-- What of the usage to come in the running month is still included.
-- grain: tenant, billing_month, cost_center

-- The part that a meter has of a cost centre's usage, by this month and the one before.
with lines as (
    select
        lines.tenant,
        origins.billing_month,
        lines.cost_center,
        lines.meter,
        sum(lines.included_amount) filter (where lines.month = origins.billing_month)
            as included_amount,
        sum(lines.gross_amount)
        / nullif(
            sum(sum(lines.gross_amount)) over (
                partition by lines.tenant, lines.cost_center
            ), 0
        ) as meter_ratio
    from statement_lines as lines
    inner join _forecast_origins as origins -- drops what is older
        on
            lines.tenant = origins.tenant
            and origins.is_running
            and lines.month <= origins.billing_month
            and lines.month >= origins.billing_month - interval 1 month
    where lines.kind = 'usage'
    group by lines.tenant, origins.billing_month, lines.cost_center, lines.meter
),

-- A licence of the tenant goes before one of all others.
licensed as (
    select
        lines.*,
        rates.licence,
        rates.rate_from,
        rates.included_e4,
        cast(
            cast(rates.unit_price as double) * rates.included_e4
            / rates.base_per_unit / 10000 as decimal(33, 6)
        ) as allowance_amount
    from lines
    inner join int_rates as rates -- drops what has no price any more
        on
            lines.meter = rates.meter
            and rates.tier = 1
            and in_force(last_day(lines.billing_month), rates.rate_from, rates.valid_to)
            and coalesce(list_contains(rates.tenants, lines.tenant), true)
    qualify
        row_number() over (
            partition by lines.tenant, lines.cost_center, lines.meter
            order by rates.tenants is null
        ) = 1
),

coming as (
    select
        licensed.*,
        cast(licensed.meter_ratio * forecasts.coming_amount as decimal(33, 6))
            as coming_amount
    from licensed
    inner join _forecasts as forecasts -- drops who has nothing to come
        on
            licensed.tenant = forecasts.tenant
            and licensed.billing_month = forecasts.billing_month
            and licensed.cost_center = forecasts.cost_center
    where licensed.included_e4 > 0
),

-- What is left of the allowance is divided by what is to come. A true zero: the month
-- has no line of the meter yet.
parts as (
    select
        *,
        greatest(allowance_amount - sum(coalesce(included_amount, 0)) over sets, 0)
        / nullif(sum(coming_amount) over sets, 0) as left_ratio
    from coming
    window sets as (partition by meter, licence, rate_from)
)

select
    tenant,
    billing_month,
    cost_center,
    sum(cast(coming_amount * least(left_ratio, 1) as decimal(33, 6)))
        as included_amount
from parts
group by tenant, billing_month, cost_center
