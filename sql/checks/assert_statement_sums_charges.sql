-- The statement, the meters and each breakdown add up to the same charges.
-- grain: mart, tenant, billing_month
-- by: month of billing_month, of all tenants

with sums as (
    select
        'statement' as mart,
        tenant,
        month as billing_month,
        sum(amount) as amount
    from statement
    group by tenant, month
    union all
    select
        'statement_lines' as mart,
        tenant,
        month as billing_month,
        sum(amount) as amount
    from statement_lines
    group by tenant, month
    union all
    select
        'meter_monthly' as mart,
        tenant,
        month as billing_month,
        sum(amount) as amount
    from meter_monthly
    group by tenant, month
    union all
    select
        'usage_monthly by ' || dimension as mart,
        tenant,
        month as billing_month,
        sum(amount) as amount
    from usage_monthly
    group by dimension, tenant, month
    union all
    select
        'tenant_monthly' as mart,
        tenant,
        month as billing_month,
        amount
    from tenant_monthly
),

marts as (
    select mart
    from sums
    group by mart
),

expected as (
    select
        marts.mart,
        charges.tenant,
        charges.month as billing_month,
        sum(charges.amount) as amount
    from charges
    cross join marts
    group by marts.mart, charges.tenant, charges.month
)

-- A month without a charge has no line, so that its amount is 0 elsewhere.
select
    coalesce(expected.mart, sums.mart) as mart,
    coalesce(expected.tenant, sums.tenant) as tenant,
    coalesce(expected.billing_month, sums.billing_month) as billing_month,
    expected.amount as charged,
    sums.amount
from expected
full join sums
    on
        expected.mart = sums.mart
        and expected.tenant = sums.tenant
        and expected.billing_month = sums.billing_month
where coalesce(expected.amount, 0) != coalesce(sums.amount, 0)
