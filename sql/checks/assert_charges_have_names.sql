-- Every charge is to a cost centre we know; what was used, to an owner, a space and an
-- automation too. Of a closed month they may since have become known under others.

select
    charges.tenant,
    charges.month,
    charges.line,
    charges.owner_id,
    charges.space_id,
    charges.automation_id
from charges
left join statement
    on
        charges.tenant = statement.tenant
        and charges.month = statement.month
        and charges.cost_center = statement.cost_center
left join owners
    on
        charges.tenant = owners.tenant
        and charges.owner_id = owners.owner_id
left join spaces
    on
        charges.tenant = spaces.tenant
        and charges.space_id = spaces.space_id
left join automations
    on
        charges.tenant = automations.tenant
        and charges.automation_id = automations.automation_id
where
    statement.cost_center is null
    or (
        charges.kind = 'usage'
        and not statement.closed
        and (
            owners.label is null
            or spaces.label is null
            or automations.label is null
        )
    )
