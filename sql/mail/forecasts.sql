-- Cost centres whose running month is expected to exceed its budget, over all tenants.
-- grain: subject, tenant, name, since_date

-- Of several tenants there is one page.
with pages as (
    select
        month,
        cost_center,
        case when count(distinct tenant) = 1 then min(tenant) else '' end as tenant
    from marts.statement
    group by month, cost_center
)

select
    'forecasts' as subject,
    coalesce(pages.tenant, '') as tenant,
    levels.cost_center as name,
    levels.month as since_date,
    '' as mark_percent,
    levels.forecast_amount as amount,
    levels.budget as compared_amount,
    levels.to_date_amount,
    levels.currency,
    [levels.cost_center] as cost_centers
from marts.forecast_levels as levels
left join pages -- has no row of who has no statement yet
    on
        levels.month = pages.month
        and levels.cost_center = pages.cost_center
where
    levels.tenant = ''
    and levels.cost_center != ''
    and levels.month = date_trunc('month', getvariable('mail_as_of') - interval 1 day)
    and levels.budget > 0
    and levels.forecast_amount > levels.budget
    and levels.to_date_amount <= levels.budget
order by all
