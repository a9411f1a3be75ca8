-- Every charge of a month, with the names that its ids had at the end of the month.
-- grain: tenant, month, line
-- conserves: sum(amount) per tenant, cost_center = marts.statement where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    charges.tenant,
    charges.month,
    statements.statement_number,
    statements.statement_version,
    statements.status,
    charges.line,
    charges.kind,
    charges.cost_center,
    charges.owner_id,
    owners.label as owner_name,
    charges.space_id,
    spaces.label as space_name,
    charges.automation_id,
    automations.label as automation_name,
    charges.meter,
    charges.item,
    charges.tier,
    charges.quantity,
    charges.included_quantity,
    charges.billable_quantity,
    charges.unit,
    charges.unit_price,
    charges.gross_amount,
    charges.included_amount,
    charges.amount,
    charges.currency,
    charges.driver,
    charges.share_ratio,
    charges.corrects_month,
    charges.corrects_statement,
    charges.cause,
    charges.cause_detail,
    charges.is_of_no_tenant
from marts.charges
-- Only usage has an owner, a space and an automation.
left join marts.usage_monthly as owners
    on
        charges.tenant = owners.tenant
        and charges.month = owners.month
        and owners.dimension = 'owner'
        and charges.owner_id = owners.entity_id
left join marts.usage_monthly as spaces
    on
        charges.tenant = spaces.tenant
        and charges.month = spaces.month
        and spaces.dimension = 'space'
        and charges.space_id = spaces.entity_id
left join marts.usage_monthly as automations
    on
        charges.tenant = automations.tenant
        and charges.month = automations.month
        and automations.dimension = 'automation'
        and charges.automation_id = automations.entity_id
left join marts.statement as statements -- drops nothing, and neither would inner
    on
        charges.tenant = statements.tenant
        and charges.month = statements.month
        and charges.cost_center = statements.cost_center
where
    charges.month = getvariable('export_month')
    and charges.cost_center = coalesce(
        getvariable('export_cost_center'), charges.cost_center
    )
order by charges.tenant, charges.line
