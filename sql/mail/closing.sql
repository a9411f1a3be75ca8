-- The first month that is not closed, if it has ended and nothing of it is read again
-- any more; and whether it was read whole.
-- grain: subject, tenant, name, since_date

with following as (
    select *
    from pages.report_months
    where status = 'PROVISIONAL'
    order by month
    limit 1
)

select
    'closing' as subject,
    '' as tenant,
    '' as name,
    month as since_date,
    '' as mark_percent,
    amount,
    null as compared_amount,
    days_in_month,
    least(covered_days, listed_days) as read_days,
    is_complete,
    currency,
    cast([] as varchar[]) as cost_centers
from following
where
    amount is not null
    and month + interval 1 month
    <= getvariable('mail_as_of') - to_days(getvariable('mail_settling_days'))
