-- A month's charges as FOCUS 1.2 Cost and Usage, then some columns of our own.
-- billed_cost is BilledCost in the files, and so on; x_ is kept.
-- grain: billing_account_id, x_line, x_part, charge_period_start
-- conserves: sum(billed_cost), sum(effective_cost) per billing_account_id,
--   x_sub_account_id = sum(amount), sum(amount)
--   of marts.statement by tenant, cost_center
--   where month = getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

select
    cast(parts.billed as decimal(30, 3)) as billed_cost,
    charges.tenant as billing_account_id,
    charges.tenant as billing_account_name,
    'Tenant' as billing_account_type,
    charges.currency as billing_currency,
    cast(charges.month + interval 1 month as timestamp) as billing_period_end,
    cast(charges.month as timestamp) as billing_period_start,
    parts.category as charge_category,
    -- Of what was invoiced before; a credit note keeps the categories that it reverses.
    if(parts.part = 'correction', 'Correction', charges.class_of_all) as charge_class,
    ascii_text(charges.beginning || parts.description) as charge_description,
    parts.frequency as charge_frequency,
    cast(parts.end_date as timestamp) as charge_period_end,
    cast(parts.start_date as timestamp) as charge_period_start,
    cast(parts.consumed_quantity as decimal(38, 6)) as consumed_quantity,
    if(parts.consumed_quantity is null, null, parts.pricing_unit) as consumed_unit,
    cast(parts.unit_price as decimal(33, 6)) as contracted_unit_price,
    -- Credits and corrections have no price: they are what they come to.
    coalesce(
        contracted_unit_price * cast(parts.pricing_quantity as decimal(38, 6)),
        cast(parts.billed as decimal(38, 12))
    ) as contracted_cost,
    cast(parts.effective as decimal(30, 3)) as effective_cost,
    charges.invoice_id,
    ascii_text(getvariable('export_issuer')) as invoice_issuer_name,
    contracted_cost as list_cost,
    cast(parts.unit_price as decimal(33, 6)) as list_unit_price,
    case when parts.sku_id is not null then 'Standard' end as pricing_category,
    charges.currency as pricing_currency,
    cast(parts.unit_price as decimal(33, 6)) as pricing_currency_contracted_unit_price,
    cast(parts.effective as decimal(30, 3)) as pricing_currency_effective_cost,
    cast(parts.unit_price as decimal(33, 6)) as pricing_currency_list_unit_price,
    cast(parts.pricing_quantity as decimal(38, 6)) as pricing_quantity,
    parts.pricing_unit,
    ascii_text(getvariable('export_issuer')) as provider_name,
    'Qlik' as publisher_name,
    ascii_id(charges.automation_id) as resource_id,
    ascii_text(charges.automation_name) as resource_name,
    case when charges.automation_id is not null then 'Automation' end as resource_type,
    'Integration' as service_category,
    'Qlik Automate' as service_name,
    'Other (Integration)' as service_subcategory,
    ascii_id(parts.sku_id) as sku_id,
    parts.sku_meter,
    ascii_id(parts.sku_price_id) as sku_price_id,
    ascii_id(charges.cost_center) as sub_account_id,
    ascii_text(charges.cost_center_label) as sub_account_name,
    'CostCenter' as sub_account_type,
    -- Without those that are null.
    nullif(cast(json_merge_patch('{}', charges.tags) as varchar), '{}') as tags,
    charges.line as x_line,
    parts.part as x_part,
    charges.statement_number as x_statement_number,
    charges.statement_version as x_statement_version,
    charges.status as x_status,
    charges.kind as x_kind,
    charges.meter as x_meter,
    charges.item as x_item,
    charges.tier as x_tier,
    charges.owner_id as x_owner_id,
    charges.owner_name as x_owner_name,
    charges.space_id as x_space_id,
    charges.space_name as x_space_name,
    charges.driver as x_driver,
    charges.share_ratio as x_share_ratio,
    charges.corrects_month as x_corrects_month,
    charges.corrects_statement as x_corrects_statement,
    charges.cause as x_cause,
    charges.cause_detail as x_cause_detail,
    charges.cost_center_code as x_cost_center_code,
    charges.booked_month as x_booked_month,
    charges.reverses as x_reverses,
    charges.is_of_no_tenant as x_is_of_no_tenant,
    -- As they are, where those above are in ASCII.
    charges.beginning || parts.description as x_charge_description,
    getvariable('export_issuer') as x_invoice_issuer_name,
    charges.automation_name as x_resource_name,
    charges.cost_center as x_sub_account_id,
    charges.cost_center_label as x_sub_account_name
from focus_charges as parts
inner join focus_resources as charges -- drops nothing: they are parts of these
    on parts.tenant = charges.tenant and parts.line = charges.line
order by billing_account_id, x_line, parts.part != 'usage', charge_period_start, x_part
