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
    charges.is_of_no_tenant,
    cast(charges.month + interval 1 month as date) as next_month,
    upper(left(charges.meter, 1))
    || replace(substr(charges.meter, 2), '_', ' ') as meter_words,
    heads.statement_number,
    heads.statement_version,
    heads.status,
    heads.direction,
    heads.invoice_id,
    case when heads.status = 'CREDIT NOTE' then 'Correction' end as class_of_all,
    coalesce('Credit note of ' || heads.reverses || ', ', '') as beginning,
    heads.price_suffix,
    heads.booked_month,
    heads.reverses,
    heads.cost_center_label,
    heads.cost_center_code,
    owners.label as owner_name,
    spaces.label as space_name,
    automations.label as automation_name,
    json_object(
        'chargeback/owner', owners.label, 'chargeback/space', spaces.label,
        'chargeback/seal', left(heads.seal, 12), 'chargeback/cost_center_code',
        heads.cost_center_code, 'chargeback/cost_center_owner',
        getvariable('export_owners')[charges.cost_center]
    ) as tags
from marts.charges
left join document_heads as heads -- drops nothing, and neither would inner
    on
        charges.tenant = heads.tenant
        and charges.month = heads.month
        and charges.cost_center = heads.cost_center
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
