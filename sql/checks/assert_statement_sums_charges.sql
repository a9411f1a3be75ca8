-- The statement, the meters and each breakdown add up to the same charges.

with totals as (
    select
        'charges' as mart,
        tenant,
        month as billing_month,
        sum(amount) as amount
    from charges
    group by tenant, month
    union all
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

-- A month without a charge has no line, so that its amount is 0 elsewhere.
charged as (
    select
        tenant,
        billing_month,
        amount
    from totals
    where mart = 'charges'
),

marts as (
    select mart
    from totals
    where mart != 'charges'
    group by mart
),

expected as (
    select
        marts.mart,
        charged.tenant,
        charged.billing_month,
        charged.amount
    from charged
    cross join marts
)

select
    coalesce(expected.mart, totals.mart) as mart,
    coalesce(expected.tenant, totals.tenant) as tenant,
    coalesce(expected.billing_month, totals.billing_month) as billing_month,
    expected.amount as charged,
    totals.amount
from expected
full join totals
    on
        expected.mart = totals.mart
        and expected.tenant = totals.tenant
        and expected.billing_month = totals.billing_month
where
    (totals.mart is null or totals.mart != 'charges')
    and coalesce(expected.amount, 0) is distinct from coalesce(totals.amount, 0)
