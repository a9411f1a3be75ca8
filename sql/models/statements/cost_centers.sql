-- Cost centres: code, name, what is above them, whose they are, whether they are used.
-- grain: cost_center
-- conserves: nothing: it lists cost centres

-- All that the rules name, and all that a statement is of.
with named as (
    select cost_center from finance_cost_center_details
    union
    select cost_center from statement
),

charged as (
    select
        cost_center,
        max(month) as billing_month,
        max(month) = max(max(month)) over () as is_latest
    from charges
    group by cost_center
),

-- With a rule on the last complete day, or with charges in the latest month.
active as (
    select cost_center
    from finance_cost_centers
    where in_force(getvariable('as_of') - interval 1 day, valid_from, valid_to)
    union
    select cost_center
    from charged
    where is_latest
),

-- What is above one that is used is used too.
used as (
    select cost_center from active
    union
    select unnest(details.path) as cost_center
    from active
    inner join finance_cost_center_details as details -- others have nothing above
        on active.cost_center = details.cost_center
)

-- One that no file names has neither code nor parent: it is at the top.
select
    named.cost_center,
    details.code,
    coalesce(details.name, named.cost_center) as name,
    coalesce(details.label, named.cost_center) as label,
    details.path[-2] as parent,
    coalesce(len(details.path), 1) as hierarchy_level,
    coalesce(array_to_string(details.path, ' / '), named.cost_center)
        as hierarchy_path,
    details.owner_email,
    used.cost_center is not null as is_used,
    charged.billing_month as last_charged_month
from named
left join finance_cost_center_details as details
    on named.cost_center = details.cost_center
left join used
    on named.cost_center = used.cost_center
left join charged
    on named.cost_center = charged.cost_center
