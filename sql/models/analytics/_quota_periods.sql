-- How many third-party runs are included in a period, by the licence or the rate card.
-- grain: tenant, period_start_date

-- What was read last of a period holds; before a period is known, nothing does.
with licensed as (
    select
        tenant,
        period_start_date,
        period_end_date,
        quota
    from quota
    where meter = 'third_party_runs' and period_start_date is not null
    qualify
        row_number() over (
            partition by tenant, period_start_date
            order by date desc
        ) = 1
),

-- The allowance of a month that no period of the licence touches.
allowed as (
    select
        months.tenant,
        months.billing_month,
        coalesce(max(own.licence), max(rates.licence)) as licence,
        max(rates.included_e4) // 10000 as included
    from int_tenant_months as months
    left join int_rates as own
        on
            own.meter = 'third_party_runs'
            and in_force(months.billing_month, own.rate_from, own.valid_to)
            and list_contains(own.tenants, months.tenant)
    inner join int_rates as rates -- drops months without an allowance
        on
            rates.meter = 'third_party_runs'
            and rates.tier = 1
            and rates.included_e4 > 0
            and in_force(months.billing_month, rates.rate_from, rates.valid_to)
            and own.tenants is not distinct from rates.tenants
    left join licensed
        on
            months.tenant = licensed.tenant
            and last_day(months.billing_month) >= licensed.period_start_date
            and (
                licensed.period_end_date is null
                or months.billing_month <= licensed.period_end_date
            )
    where licensed.tenant is null
    group by months.tenant, months.billing_month
)

-- An unlimited licence has no quota, and so no row.
select
    tenant,
    period_start_date,
    period_end_date,
    '' as licence,
    'licence' as source,
    quota
from licensed
where quota is not null
union all
select
    tenant,
    billing_month as period_start_date,
    last_day(billing_month) as period_end_date,
    licence,
    'rate_card' as source,
    cast(included as bigint) as quota
from allowed
