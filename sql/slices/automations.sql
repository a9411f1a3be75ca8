-- How the automations are started that were used in a month.

with used as (
    select
        tenant,
        cast(date_trunc('month', date) as date) as billing_month,
        automation_id
    from automation_daily
    group by tenant, date_trunc('month', date), automation_id
)

select
    used.tenant,
    used.billing_month as month,
    used.automation_id,
    automations.run_mode
from used
inner join automations -- drops what no list names
    on
        used.tenant = automations.tenant
        and used.automation_id = automations.automation_id
