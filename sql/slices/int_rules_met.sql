-- The rules that could take what is used in a month, while they match in it.

with used as (
    select
        tenant,
        billing_month,
        automation_id,
        owner_id,
        space_id
    from int_usage_by_period
    group by tenant, billing_month, automation_id, owner_id, space_id
)

select
    used.tenant,
    used.billing_month as month,
    met.rule,
    met.priority,
    used.automation_id,
    used.owner_id,
    used.space_id,
    greatest(met.met_from, used.billing_month) as met_from,
    least(met.met_until, last_day(used.billing_month) + 1) as met_until
from used
inner join int_rules_met as met -- drops what no rule takes
    on
        used.tenant = met.tenant
        and used.automation_id = met.automation_id
        and used.owner_id = met.owner_id
        and used.space_id = met.space_id
        and used.billing_month < met.met_until
        and last_day(used.billing_month) >= met.met_from
