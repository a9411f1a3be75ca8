-- What cost far more than usual in the last two weeks, or is new and of high cost.
-- grain: subject, tenant, dimension, entity_id, kind, since_date

with recent as (
    select *
    from marts.anomalies
    where last_date >= getvariable('mail_as_of') - interval 14 day
),

-- Whom it concerns: those that the month of it is charged to.
charged as (
    select
        recent.tenant,
        recent.dimension,
        recent.entity_id,
        recent.month,
        list(distinct charges.cost_center order by charges.cost_center)
            as cost_centers,
        sum(charges.included_amount) > 0 as has_included
    from recent
    inner join marts.charges as charges -- drops what is charged to nobody
        on
            recent.tenant = charges.tenant
            and recent.month = charges.month
            and recent.entity_id = case recent.dimension
                when 'owner' then charges.owner_id
                when 'space' then charges.space_id
                when 'automation' then charges.automation_id
                when 'cost_center' then charges.cost_center
            end
    group by all
)

select
    'anomalies' as subject,
    recent.tenant,
    recent.label as name,
    recent.dimension,
    recent.kind,
    recent.entity_id,
    recent.first_date as since_date,
    '' as mark_percent,
    recent.amount,
    recent.expected_amount as compared_amount,
    recent.currency,
    coalesce(charged.has_included, false) as has_included,
    coalesce(charged.cost_centers, []) as cost_centers
from recent
left join charged
    on
        recent.tenant = charged.tenant
        and recent.dimension = charged.dimension
        and recent.entity_id = charged.entity_id
        and recent.month = charged.month
order by all
