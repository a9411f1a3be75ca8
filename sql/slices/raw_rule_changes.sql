-- Why corrections that are booked in a month have other rules than the month they are
-- of.

select
    corrections.tenant,
    corrections.billing_month as month,
    changes.* -- noqa: AM04
from int_corrections as corrections
inner join raw_rule_changes as changes -- drops what corrects nothing
    on
        corrections.tenant = changes.tenant
        and corrections.corrects_month = changes.closed_month
        and corrections.cost_center = changes.cost_center
