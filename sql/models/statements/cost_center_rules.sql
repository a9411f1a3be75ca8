-- What each cost centre rule does: whom it matches, whom it takes, what that comes to.
-- grain: rule, cost_center
-- conserves: sum(amount) per the grain = _rules_charged

-- A consumer is an automation with the owner and space that it ran for.
with counted as (
    select
        rule,
        count(distinct row(tenant, automation_id, owner_id, space_id))
            as consumers_matched,
        count(distinct row(tenant, automation_id, owner_id, space_id)) filter (
            where is_assigned
        ) as consumers_won
    from int_rules_matched
    group by rule
),

-- Rules of one priority that could take the same usage.
rivals as (
    select
        one.rule,
        other.rule as other_rule
    from int_rules_matched as one
    inner join int_rules_matched as other -- drops what one rule alone could take
        on
            one.tenant = other.tenant
            and one.period_start = other.period_start
            and one.automation_id = other.automation_id
            and one.owner_id = other.owner_id
            and one.space_id = other.space_id
            and one.priority = other.priority
            and one.rule != other.rule
    group by one.rule, other.rule
),

-- Of one priority, the rule that stands first in the file wins.
contests as (
    select
        rule,
        string_agg(cast(other_rule as varchar), ', ' order by other_rule) filter (
            where other_rule > rule
        ) as wins_over_rules,
        string_agg(cast(other_rule as varchar), ', ' order by other_rule) filter (
            where other_rule < rule
        ) as loses_to_rules
    from rivals
    group by rule
)

select
    rules.rule,
    rules.cost_center,
    rules.line,
    rules.priority,
    rules.tenant,
    rules.space,
    rules.space_id,
    rules.owner,
    rules.owner_email,
    rules.owner_id,
    rules.automation,
    rules.automation_id,
    rules.conditions,
    rules.valid_from,
    rules.valid_to,
    cast(rules.share_basis_points * 0.01 as decimal(5, 2)) as share_percent,
    -- True zeros: no consumer, and no charge.
    coalesce(counted.consumers_matched, 0) as consumers_matched,
    coalesce(counted.consumers_won, 0) as consumers_won,
    charged.billing_month as month,
    cast(coalesce(charged.amount, 0) as decimal(30, 3)) as amount,
    getvariable('currency') as currency,
    case
        when rules.valid_to < getvariable('as_of') then 'expired'
        when rules.valid_from >= getvariable('as_of') then 'not in force yet'
        when counted.rule is null then 'never matched'
        when counted.consumers_won = 0 then 'always outranked'
        else 'used'
    end as status,
    contests.wins_over_rules,
    contests.loses_to_rules
from finance_cost_centers as rules
left join counted
    on rules.rule = counted.rule
left join contests
    on rules.rule = contests.rule
left join _rules_charged as charged
    on
        rules.rule = charged.rule
        and rules.cost_center = charged.cost_center
