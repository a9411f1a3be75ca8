-- What came to a cost centre by a rule in the latest month with charges.
-- grain: rule, cost_center
-- conserves: nothing: what no rule takes is not here

with latest as (
    select max(month) as billing_month
    from charges
    where kind = 'usage'
),

-- A consumer may change its rule within the month: the last one counts.
assignments as (
    select
        assigned.tenant,
        assigned.automation_id,
        assigned.owner_id,
        assigned.space_id,
        assigned.cost_center,
        assigned.rule
    from int_cost_centers_assigned as assigned
    inner join latest -- drops earlier months
        on date_trunc('month', assigned.period_start) = latest.billing_month
    where assigned.rule is not null
    qualify
        row_number() over (
            partition by
                assigned.tenant,
                assigned.automation_id,
                assigned.owner_id,
                assigned.space_id,
                assigned.cost_center
            order by assigned.period_start desc
        ) = 1
)

select
    assignments.rule,
    assignments.cost_center,
    latest.billing_month,
    sum(charges.amount) as amount
from charges
inner join latest
    on charges.month = latest.billing_month
inner join assignments -- drops what no rule takes
    on
        charges.tenant = assignments.tenant
        and charges.automation_id = assignments.automation_id
        and charges.owner_id = assignments.owner_id
        and charges.space_id = assignments.space_id
        and charges.cost_center = assignments.cost_center
where charges.kind = 'usage'
group by assignments.rule, assignments.cost_center, latest.billing_month
