-- Why a month, or the statement of a cost centre, is not what it was the month before.
-- grain: tenant, month, cost_center, position
-- conserves: nothing: what a running month is made of is not known yet

select
    tenant,
    month,
    cost_center,
    position,
    kind,
    other_cost_center,
    subject,
    rule_from,
    conditions,
    share_percent,
    automation_names,
    automations,
    amount
from pages.report_statement_causes
where
    month = getvariable('mail_month')
    and cost_center = coalesce(getvariable('mail_cost_center'), cost_center)
order by position, tenant, cost_center
