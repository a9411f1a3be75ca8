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
        max(rates.included_e4) // 10000 as included
    from int_tenant_months as months
    inner join int_rates as rates -- drops months without an allowance
        on
            rates.meter = 'third_party_runs'
            and rates.tier = 1
            and rates.included_e4 > 0
            and months.billing_month >= rates.rate_from
            and (rates.valid_to is null or months.billing_month <= rates.valid_to)
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
    'licence' as source,
    quota
from licensed
where quota is not null
union all
select
    tenant,
    billing_month as period_start_date,
    last_day(billing_month) as period_end_date,
    'rate_card' as source,
    cast(included as bigint) as quota
from allowed
