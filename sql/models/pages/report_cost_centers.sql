-- A cost centre's month over all tenants: its statements beside the budget, and what is
-- below it.
-- grain: month, cost_center
-- conserves: sum(amount) per month = statement
-- conserves: sum(amount), sum(total_amount) per the grain = cost_center_rollup

with stated as (
    select
        month as billing_month,
        cost_center,
        bool_or(is_unallocated) as is_unallocated,
        -- Null where several tenants have a statement of it.
        case when count(*) = 1 then max(tenant) end as tenant,
        to_amount(sum(amount)) as amount,
        to_amount(sum_of_known(comparable_prior_amount)) as comparable_prior_amount,
        to_amount(sum(budget)) as budget,
        sum_displayed(display_amount, display_currency) as display_amount,
        if(min(display_currency) = max(display_currency), max(display_currency), null)
            as display_currency,
        count(*) as tenants, -- a row each
        max(currency) as currency -- they are all the same
    from statement
    group by month, cost_center
),

rolled_up as (
    select
        month as billing_month,
        cost_center,
        max(label) as label, -- they are the same, but where tenants closed apart
        max(parent) as parent,
        max(hierarchy_level) as hierarchy_level,
        max(string_split(hierarchy_path, ' / ')) as path_names,
        to_amount(sum(amount)) as amount,
        to_amount(sum(below_amount)) as below_amount,
        to_amount(sum(total_amount)) as total_amount
    from cost_center_rollup
    group by month, cost_center
)

-- A cost centre that is above others may have no statement: no tenant.
select
    rolled_up.billing_month as month,
    rolled_up.cost_center,
    rolled_up.label,
    rolled_up.parent,
    rolled_up.hierarchy_level,
    max(rolled_up.hierarchy_level) over months > 1 as has_hierarchy,
    row_number() over (
        months
        order by
            rolled_up.cost_center != 'Unallocated', rolled_up.path_names,
            rolled_up.cost_center
    ) as position,
    stated.is_unallocated,
    stated.tenant,
    stated.tenants,
    rolled_up.amount,
    rolled_up.below_amount,
    rolled_up.total_amount,
    stated.comparable_prior_amount,
    to_amount(stated.amount - stated.comparable_prior_amount)
        as comparable_change_amount,
    stated.budget,
    case when stated.budget is not null then stated.amount end as budgeted_amount,
    to_amount(stated.budget - stated.amount) as budget_remaining,
    stated.currency,
    stated.display_amount,
    stated.display_currency,
    sum_if_known(
        sum(stated.display_amount) over months,
        count(stated.display_amount) over months = count(stated.tenants) over months,
        min(stated.display_currency) over months,
        max(stated.display_currency) over months
    ) as display_month_amount,
    to_ratio(rolled_up.amount, sum(rolled_up.amount) over months) as amount_ratio,
    expected.forecast_amount,
    budget_state(stated.budget, stated.amount, forecast_amount, high_amount) -- noqa
        as budget_state
from rolled_up
left join stated
    on
        rolled_up.billing_month = stated.billing_month
        and rolled_up.cost_center = stated.cost_center
left join forecast_levels as expected -- of the running month
    on
        rolled_up.billing_month = expected.month
        and rolled_up.cost_center = expected.cost_center
        and expected.tenant = ''
window months as (partition by rolled_up.billing_month)
