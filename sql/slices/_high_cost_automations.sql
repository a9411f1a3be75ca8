-- The automations of a high cost that were used in a month.

select
    costly.tenant,
    used.billing_month as month,
    costly.automation_id
from _high_cost_automations as costly
inner join int_usage_by_period as used
    on
        costly.tenant = used.tenant
        and costly.automation_id = used.automation_id
group by costly.tenant, used.billing_month, costly.automation_id
