-- What an automation's successful runs of a month saved people, beside what it is
-- charged, by cost centre; of the months in which a value is in force.
-- grain: tenant, month, cost_center, automation_id, owner_id, space_id
-- by: month of month, of all tenants
-- conserves: sum(amount) per tenant, month, cost_center = charges
--   where month in (select month from automation_value)
-- conserves: sum(successful_runs) per tenant, month = automation_daily
--   by tenant, date_trunc('month', date)
--   where date_trunc('month', date) in (select month from automation_value)
-- conserves: each net_amount = value_amount - amount

-- Of the values that match a day's runs the most specific one; of several such the
-- first in the file.
with valued_days as (
    select
        daily.*,
        met.rule,
        lines.minutes_per_run,
        worth_of_run(lines.amount_per_run, lines.hourly_rate, lines.minutes_per_run)
            as worth
    from automation_daily as daily
    left join int_rules_met as met
        on
            daily.tenant = met.tenant
            and daily.automation_id = met.automation_id
            and daily.owner_id = met.owner_id
            and daily.space_id = met.space_id
            and daily.date >= met.met_from
            and daily.date < met.met_until
            and met.rule < 0
    left join finance_values as lines
        on met.rule = lines.rule
    semi join finance_values as in_force
        on is_in_month(daily.date, in_force.valid_from, in_force.valid_to)
    qualify
        row_number() over (
            partition by
                daily.tenant, daily.date, daily.automation_id, daily.owner_id,
                daily.space_id
            order by met.priority asc, met.rule desc
        ) = 1
),

-- Runs are shared as their usage is; what is charged stands as it is.
entries as (
    select
        valued.*,
        cast(date_trunc('month', valued.date) as date) as billing_month,
        coalesce(assigned.cost_center, 'Unallocated') as cost_center,
        valued.successful_runs * coalesce(assigned.share_basis_points, 10000)
            as successful_e4,
        if(valued.rule is null, 0, valued.unknown_outcome_runs)
        * coalesce(assigned.share_basis_points, 10000) as unknown_e4
    from valued_days as valued
    left join int_billing_days as periods
        on valued.tenant = periods.tenant and valued.date = periods.usage_date
    left join int_cost_centers_assigned as assigned
        on
            valued.tenant = assigned.tenant
            and periods.period_start = assigned.period_start
            and valued.automation_id = assigned.automation_id
            and valued.owner_id = assigned.owner_id
            and valued.space_id = assigned.space_id
    union all by name
    select
        lines.tenant,
        lines.month as billing_month,
        lines.cost_center,
        coalesce(lines.automation_id, 'shared') as automation_id,
        coalesce(lines.owner_id, 'shared') as owner_id,
        coalesce(lines.space_id, 'shared') as space_id,
        lines.amount as charged
    from charges as lines
    semi join finance_values as in_force
        on is_in_month(lines.month, in_force.valid_from, in_force.valid_to)
)

-- Null: no value is set, or not known of any run whether it was successful.
select
    tenant,
    billing_month as month,
    cost_center,
    automation_id,
    owner_id,
    space_id,
    from_e4(sum(successful_e4)) as successful_runs,
    from_e4(sum(successful_e4) filter (where rule is not null)) as valued_runs,
    from_e4(sum(unknown_e4)) as unknown_outcome_runs,
    from_e6(sum(successful_e4 * to_e2(minutes_per_run))) as saved_minutes,
    worth_amount(sum(successful_e4 * worth)) as value_amount,
    amount_if_priced(sum(charged)) as amount,
    to_amount(value_amount - amount) as net_amount,
    to_ratio(value_amount, amount) as return_ratio,
    getvariable('currency') as currency
from entries
group by tenant, billing_month, cost_center, automation_id, owner_id, space_id
