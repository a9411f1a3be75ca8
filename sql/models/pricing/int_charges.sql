-- What every month is charged by today's usage, prices and rules, closed or not.
-- grain: tenant, billing_month, line
-- by: month of billing_month, of all tenants
-- conserves: sum(amount) per tenant, billing_month, cost_center where kind = 'usage' =
--   sum(from_minor(net_minor)) of _lines_rounded
-- conserves: sum(amount) per tenant, billing_month, cost_center where kind = 'fixed' =
--   sum(from_minor(amount_minor)) of int_fixed_divided
-- conserves: sum(base_quantity) per tenant, billing_month, cost_center, meter,
--   rate_from where kind = 'usage' =
--   sum(from_e4(base_e4)) of int_usage_shared where rate_from is not null
-- conserves: each gross_amount - included_amount = amount

with charged as (
    select
        'usage' as kind,
        tenant,
        billing_month,
        cost_center,
        owner_id,
        space_id,
        automation_id,
        meter,
        null as item,
        tier,
        rate_from,
        included_e4 + billable_e4 as base_e4,
        included_e4,
        unit,
        base_per_unit,
        unit_price,
        included_minor,
        net_minor,
        currency,
        null as driver,
        null as share_ratio,
        statement_line
    from _usage_charged
    union all by name -- what the other has alone is null -- noqa: AM07
    select
        'fixed' as kind,
        tenant,
        billing_month,
        cost_center,
        item,
        0 as included_minor,
        amount_minor as net_minor,
        getvariable('currency') as currency,
        driver,
        share_ratio,
        is_of_no_tenant
    from int_fixed_divided
)

select
    tenant,
    billing_month,
    row_number() over (
        partition by tenant, billing_month
        order by
            cost_center,
            kind = 'fixed',
            statement_line, -- by meter, price and tier
            owner_id,
            space_id,
            automation_id,
            item,
            driver
    ) as line,
    kind,
    cost_center,
    owner_id,
    space_id,
    automation_id,
    meter,
    item,
    tier,
    rate_from,
    from_e4(base_e4) as base_quantity,
    from_e4(included_e4) as included_base_quantity,
    from_e6(billing_e6(base_e4, base_per_unit)) as quantity,
    from_e6(billing_e6(included_e4, base_per_unit)) as included_quantity,
    -- Less what is included, so that the three add up as they are printed.
    from_e6(billing_e6(base_e4, base_per_unit) - billing_e6(included_e4, base_per_unit))
        as billable_quantity,
    unit,
    unit_price,
    from_minor(net_minor + included_minor) as gross_amount,
    from_minor(included_minor) as included_amount,
    from_minor(net_minor) as amount,
    currency,
    driver,
    cast(share_ratio as decimal(9, 6)) as share_ratio,
    is_of_no_tenant
from charged
