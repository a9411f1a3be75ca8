-- An allowance as pools, each to be shared among who used the meter in it.
-- grain: billing_month, meter, rate_from, pool
-- conserves: nothing: an allowance may be larger than what was used

with allowances as (
    select
        used.billing_month,
        used.meter,
        used.rate_from,
        rates.policy,
        sum(used.base_bp) as base_bp,
        -- There is no more included than was used.
        least(max(rates.included_bp), sum(used.base_bp)) as included_bp
    from _usage_priced as used
    inner join int_rates as rates -- drops sets without an allowance only
        on
            used.meter = rates.meter
            and used.rate_from = rates.rate_from
            and rates.tier = 1
            and rates.included_bp > 0
    group by used.billing_month, used.meter, used.rate_from, rates.policy
),

-- First come: a day has what the days before it have left.
day_sums as (
    select
        billing_month,
        meter,
        rate_from,
        usage_date,
        sum(base_bp) as base_bp,
        sum(sum(base_bp)) over (
            partition by billing_month, meter, rate_from
            order by usage_date
        ) as used_bp
    from _included_daily
    group by billing_month, meter, rate_from, usage_date
)

select
    billing_month,
    meter,
    rate_from,
    'all' as pool,
    included_bp
from allowances
where policy = 'pro_rata'
union all
select
    allowances.billing_month,
    allowances.meter,
    allowances.rate_from,
    cast(day_sums.usage_date as varchar) as pool,
    least(
        day_sums.base_bp,
        allowances.included_bp - (day_sums.used_bp - day_sums.base_bp)
    ) as included_bp
from allowances
inner join day_sums -- days of other allowances, and after the last, have none
    on
        allowances.billing_month = day_sums.billing_month
        and allowances.meter = day_sums.meter
        and allowances.rate_from = day_sums.rate_from
        and allowances.included_bp > day_sums.used_bp - day_sums.base_bp
where allowances.policy = 'first_come'
union all
select
    billing_month,
    meter,
    rate_from,
    cost_center as pool,
    included_bp
from _included_entitled
