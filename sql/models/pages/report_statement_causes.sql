-- Why a statement differs from the month before, in words' order: moves by the other
-- cost centre, usage, prices by meter, fixed amounts by item; each with who it was.
-- grain: tenant, month, cost_center, position
-- by: month of month, of all tenants
-- conserves: sum(amount) per tenant, month, cost_center = statement_causes

-- The rule by which usage is a cost centre's, if it is in force since the month before
-- began: what changed hands then did so by that rule.
with rules as (
    select
        assigned.tenant,
        cast(date_trunc('month', assigned.period_start) as date) as billing_month,
        assigned.automation_id,
        assigned.cost_center,
        max(rules.valid_from) as rule_from,
        -- People are named as [privacy] says, so not by a rule.
        max_by(rules.conditions, rules.valid_from) filter (
            where rules.owner = '' and rules.owner_email = '' and rules.owner_id = ''
        ) as conditions,
        max_by(rules.share_basis_points, rules.valid_from) as share_basis_points
    from int_cost_centers_assigned as assigned
    inner join finance_cost_centers as rules -- drops rules that are older
        on
            assigned.rule = rules.rule
            and assigned.cost_center = rules.cost_center
            and rules.valid_from
            > date_trunc('month', assigned.period_start) - interval 1 month
    group by all
),

-- Volume and mix are of the same automations: together they are what these used.
summed as (
    select
        causes.tenant,
        causes.month,
        causes.cost_center,
        causes.kind,
        causes.other_cost_center,
        causes.subject,
        causes.automation_id,
        rules.rule_from,
        rules.conditions,
        rules.share_basis_points,
        sum(causes.amount) as amount
    from statement_causes as causes
    left join rules -- or it moved by itself, or did not move
        on
            causes.tenant = rules.tenant
            and causes.month = rules.billing_month
            and causes.automation_id = rules.automation_id
            and rules.cost_center = case causes.kind
                when 'moved in' then causes.cost_center
                when 'moved away' then causes.other_cost_center
            end
    group by all
)

select
    summed.tenant,
    summed.month,
    summed.cost_center,
    row_number() over (
        partition by summed.tenant, summed.month, summed.cost_center
        order by
            summed.kind = 'rounding', abs(sum(summed.amount)) desc,
            summed.kind asc, summed.other_cost_center asc, summed.subject asc,
            summed.rule_from asc, summed.conditions asc
    ) as position,
    summed.kind,
    summed.other_cost_center,
    summed.subject,
    summed.rule_from,
    summed.conditions,
    cast(summed.share_basis_points * 0.01 as decimal(5, 2)) as share_percent,
    count(*) filter (where summed.automation_id != '') as automations,
    list(
        label_of(summed.automation_id, labels.label)
        order by abs(summed.amount) desc, summed.automation_id asc
    ) filter (where summed.automation_id != '')[1:3] as automation_names,
    to_amount(sum(summed.amount)) as amount
from summed
left join int_labels as labels -- keeps what is of no automation
    on
        summed.tenant = labels.tenant
        and labels.dimension = 'automation'
        and summed.automation_id = labels.entity_id
        and at_month_end(summed.month, labels.shown_from, labels.shown_until)
group by
    summed.tenant, summed.month, summed.cost_center, summed.kind,
    summed.other_cost_center, summed.subject, summed.rule_from, summed.conditions,
    summed.share_basis_points
