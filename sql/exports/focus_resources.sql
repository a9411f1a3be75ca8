-- The charges of a month, with their statement and the names of whom they are of.
-- grain: tenant, line
-- conserves: sum(amount) per tenant, line = marts.charges where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    charges.tenant,
    charges.month,
    charges.line,
    charges.kind,
    charges.cost_center,
    charges.owner_id,
    charges.space_id,
    charges.automation_id,
    charges.meter,
    charges.item,
    charges.tier,
    charges.rate_from,
    charges.quantity,
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
    cast(charges.month + interval 1 month as date) as next_month,
    upper(left(charges.meter, 1))
    || replace(substr(charges.meter, 2), '_', ' ') as meter_words,
    statements.statement_number,
    statements.statement_version,
    statements.status,
    owners.label as owner_name,
    spaces.label as space_name,
    automations.label as automation_name,
    rolled_up.label as cost_center_label,
    rolled_up.code as cost_center_code,
    json_object(
        'chargeback/owner', owners.label, 'chargeback/space', spaces.label,
        'chargeback/seal', left(statements.seal, 12)
    ) as tags
from marts.charges
left join marts.statement as statements -- drops nothing, and neither would inner
    on
        charges.tenant = statements.tenant
        and charges.month = statements.month
        and charges.cost_center = statements.cost_center
left join marts.cost_center_rollup as rolled_up -- has a row for each statement
    on
        charges.tenant = rolled_up.tenant
        and charges.month = rolled_up.month
        and charges.cost_center = rolled_up.cost_center
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
where
    charges.month = getvariable('export_month')
    and charges.cost_center = coalesce(
        getvariable('export_cost_center'), charges.cost_center
    )
