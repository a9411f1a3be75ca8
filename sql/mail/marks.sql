-- What somebody should learn of: the highest mark that is reached of each budget and
-- quota, in percent.
-- grain: subject, tenant, name, since_date

with budgeted as (
    select
        month,
        cost_center,
        -- Of several there is one page.
        case when count(distinct tenant) = 1 then min(tenant) else '' end as tenant,
        max(currency) as currency, -- all statements have one
        sum(amount) as amount,
        sum(budget) as budget
    from marts.statement
    where
        month >= date_trunc('month', getvariable('mail_as_of') - interval 1 month)
    group by month, cost_center
),

used as (
    select
        tenant,
        period_start_date,
        max(quota) as quota, -- the same on all days
        max(all_used) as used_runs
    from marts.quota_burn_down
    where
        not is_projected
        and getvariable('mail_as_of') <= period_end_date + 1
    group by tenant, period_start_date
),

marks as (
    select
        'budgets' as subject,
        unnest(getvariable('mail_budget_marks')) as mark_percent
    union all
    select
        'quota' as subject,
        unnest(getvariable('mail_quota_marks')) as mark_percent
)

select
    'budgets' as subject,
    budgeted.tenant,
    budgeted.cost_center as name,
    cast(budgeted.month as date) as since_date,
    max(marks.mark_percent) as mark_percent,
    budgeted.amount,
    budgeted.budget as compared_amount,
    budgeted.currency,
    [budgeted.cost_center] as cost_centers
from budgeted
inner join marks -- drops what is below every mark
    on
        marks.subject = 'budgets'
        and budgeted.budget > 0
        and budgeted.amount * 100 >= budgeted.budget * marks.mark_percent
group by
    budgeted.month,
    budgeted.tenant,
    budgeted.cost_center,
    budgeted.amount,
    budgeted.budget,
    budgeted.currency
union all
select
    'quota' as subject,
    used.tenant,
    used.tenant as name,
    used.period_start_date as since_date,
    max(marks.mark_percent) as mark_percent,
    used.used_runs as amount,
    used.quota as compared_amount,
    '' as currency,
    cast([] as varchar[]) as cost_centers
from used
inner join marks -- drops what is below every mark
    on
        marks.subject = 'quota'
        and used.quota > 0
        and used.used_runs * 100 >= used.quota * marks.mark_percent
group by used.tenant, used.period_start_date, used.used_runs, used.quota
order by all
