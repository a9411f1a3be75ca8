-- Fixed amounts divided among cost centres, and markups, in whole minor units.
-- grain: line, billing_month, tenant, cost_center
-- conserves: nothing: assert_fixed_amounts_are_charged_once compares the sums with what
--   is due

-- A credit is divided like a debit, and its sign is put back at the end.
with divisions as (
    select
        *,
        to_e6(abs(amount)) // getvariable('micros_per_minor') as whole_minor,
        cast(sum(weight) over centers as hugeint) as weights,
        whole_part(whole_minor, weight, weights) as part,
        fraction_part(whole_minor, weight, weights) as fraction
    from _fixed_weights
    window centers as (partition by line, billing_month)
)

select
    line,
    billing_month,
    tenant,
    cost_center,
    item,
    driver,
    is_of_no_tenant,
    -- For reading: the amounts are what was divided.
    cast(from_e6(half_up(weight * 1000000, weights)) as decimal(18, 6)) as share_ratio,
    sign(amount) * largest_remainder(
        part,
        whole_minor - sum(part) over centers,
        row_number() over (
            centers
            order by fraction desc, cost_center asc, first_name_of(tenant) asc
        )
    ) as amount_minor
from divisions
window centers as (partition by line, billing_month)
union all by name
-- A percent of what a statement's usage costs, rounded half up once; a discount is less
-- than nothing. Their lines have numbers below zero, apart from those of other files.
select
    -markups.line as line,
    lines.billing_month,
    lines.tenant,
    lines.cost_center,
    markups.item,
    'percent of ' || coalesce(markups.meter, 'all usage') as driver,
    false as is_of_no_tenant,
    cast(markups.share_basis_points * 0.0001 as decimal(18, 6)) as share_ratio,
    half_up(sum(lines.net_minor) * markups.share_basis_points, 10000) as amount_minor
from _lines_rounded as lines
inner join finance_markups as markups -- drops what has no markup
    on
        lines.cost_center = coalesce(markups.cost_center, lines.cost_center)
        and lines.meter = coalesce(markups.meter, lines.meter)
        and in_force(lines.billing_month, markups.valid_from, markups.valid_to)
group by
    markups.line, lines.billing_month, lines.tenant, lines.cost_center, markups.item,
    markups.meter, markups.share_basis_points
