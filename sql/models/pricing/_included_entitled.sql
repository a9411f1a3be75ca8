-- An allowance by entitlement: what each cost centre has of it, at most what it used.
-- grain: billing_month, meter, rate_from, cost_center
-- conserves: nothing: what is over goes to nobody; _included_divided keeps its sums

with used as (
    select
        priced.billing_month,
        priced.meter,
        priced.rate_from,
        priced.cost_center,
        sum(priced.base_bp) as base_bp,
        max(rates.included_bp) as allowance_bp,
        sum(sum(priced.base_bp)) over (
            partition by priced.billing_month, priced.meter, priced.rate_from
        ) as total_bp
    from _usage_priced as priced
    inner join int_rates as rates -- drops what has no such allowance only
        on
            priced.meter = rates.meter
            and priced.rate_from = rates.rate_from
            and rates.tier = 1
            and rates.policy = 'by_entitlement'
            and rates.included_bp > 0
    group by
        priced.billing_month, priced.meter, priced.rate_from, priced.cost_center
),

-- First everybody's own part; who has no entitlement starts with nothing.
own as (
    select
        used.billing_month,
        used.meter,
        used.rate_from,
        used.cost_center,
        least(used.allowance_bp, used.total_bp) as whole_bp,
        used.base_bp,
        least(
            used.base_bp,
            used.allowance_bp
            * coalesce(entitlements.share_basis_points, 0)
            // 10000
        ) as own_bp
    from used
    left join finance_entitlements as entitlements
        on
            used.meter = entitlements.meter
            and used.cost_center = entitlements.cost_center
            and used.billing_month >= entitlements.valid_from
            and (
                entitlements.valid_to is null
                or used.billing_month <= entitlements.valid_to
            )
),

-- What is left goes to those beyond theirs, in proportion to how far they are.
divisions as (
    select
        billing_month,
        meter,
        rate_from,
        cost_center,
        own_bp,
        whole_bp - sum(own_bp) over centers as rest_bp,
        (whole_bp - sum(own_bp) over centers) * (base_bp - own_bp)
        // nullif(sum(base_bp - own_bp) over centers, 0) as whole_part,
        (whole_bp - sum(own_bp) over centers) * (base_bp - own_bp)
        % nullif(sum(base_bp - own_bp) over centers, 0) as fraction
    from own
    window centers as (partition by billing_month, meter, rate_from)
),

ranked as (
    select
        *,
        rest_bp - sum(whole_part) over (
            partition by billing_month, meter, rate_from
        ) as left_over,
        row_number() over (
            partition by billing_month, meter, rate_from
            order by fraction desc, cost_center asc
        ) as place
    from divisions
)

-- Where nobody is beyond theirs, nothing is left: all that was used is included.
select
    billing_month,
    meter,
    rate_from,
    cost_center,
    own_bp
    + coalesce(whole_part + case when place <= left_over then 1 else 0 end, 0)
        as included_bp
from ranked
