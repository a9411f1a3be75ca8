-- What a unit costs a cost centre in a stretch of days, allowance and tiers included.
-- grain: tenant, period_start, cost_center
-- conserves: nothing: prices have no sum

-- In 10^-15ths of a millionth of the currency, for a ten-thousandth of a base unit.
with charged as (
    select
        tenant,
        month as billing_month,
        cost_center,
        meter,
        rate_from,
        cast(sum(amount) * 1000000 as hugeint)
        * 1000000000000000
        // cast(sum(base_quantity) * 10000 as hugeint) as price
    from charges
    where kind = 'usage'
    group by tenant, month, cost_center, meter, rate_from
),

periods as (
    select
        billing_month,
        period_start
    from int_billing_days
    group by billing_month, period_start
),

-- The rate set that began last.
priced as (
    select
        charged.tenant,
        periods.period_start,
        charged.cost_center,
        charged.meter,
        charged.price
    from charged
    inner join periods -- drops a closed month of which no day is known any more
        on
            charged.billing_month = periods.billing_month
            and charged.rate_from <= periods.period_start
    qualify
        row_number() over (
            partition by
                charged.tenant,
                periods.period_start,
                charged.cost_center,
                charged.meter
            order by charged.rate_from desc
        ) = 1
)

-- A true zero: what is not charged costs nothing.
select
    tenant,
    period_start,
    cost_center,
    coalesce(max(price) filter (where meter = 'runs'), 0) as runs_price,
    coalesce(
        max(price) filter (where meter = 'third_party_runs'), 0
    ) as third_party_runs_price,
    coalesce(max(price) filter (where meter = 'duration_hours'), 0) as duration_price,
    coalesce(max(price) filter (where meter = 'bandwidth_gb'), 0) as bandwidth_price,
    coalesce(max(price) filter (where meter = 'api_calls'), 0) as api_calls_price
from priced
group by tenant, period_start, cost_center
