-- The documents of a month: what a statement, a reversed one or a credit note is.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per tenant, cost_center = marts.statement where month =
--   getvariable('export_month') and cost_center =
--   coalesce(getvariable('export_cost_center'), cost_center)

with versions as (
    select
        tenant,
        month as billing_month,
        max(version) as last_version
    from marts.issued_statements
    where kind = 'statement'
    group by tenant, month
),

heads as (
    select
        statements.tenant,
        statements.month,
        statements.cost_center,
        statements.is_unallocated,
        statements.statement_number,
        statements.statement_version,
        statements.status,
        statements.seal,
        statements.amount,
        documents.issued_date,
        documents.booked_month,
        documents.reverses,
        documents.reason,
        -- The version that was priced: that which a credit note reverses, or the next.
        case statements.status
            when 'PROVISIONAL' then 1 + coalesce(versions.last_version, 0)
            when 'CREDIT NOTE'
                then cast(regexp_extract(documents.reverses, '[0-9]+$') as integer)
            else statements.statement_version
        end as priced_version
    from marts.statement as statements
    left join marts.issued_statements as documents -- a draft is not in the register
        on
            statements.statement_number = documents.statement_number
            and statements.statement_version = documents.version
    left join versions
        on
            statements.tenant = versions.tenant
            and statements.month = versions.billing_month
    where
        statements.month = getvariable('export_month')
        and statements.cost_center = coalesce(
            getvariable('export_cost_center'), statements.cost_center
        )
)

select
    heads.*,
    -- What is billed of an invoice is what it comes to, so that a later version, which
    -- keeps its number, is another one.
    case
        when heads.status = 'PROVISIONAL' then null
        when heads.status != 'CREDIT NOTE' and heads.statement_version > 1
            then heads.statement_number || ' v' || heads.statement_version
        else heads.statement_number
    end as invoice_id,
    case when heads.status = 'CREDIT NOTE' then -1 else 1 end as direction,
    -- Another version may have another price of the same meter, day and tier.
    case when heads.priced_version > 1 then '/v' || heads.priced_version else '' end
        as price_suffix,
    rolled_up.label as cost_center_label,
    rolled_up.code as cost_center_code
from heads
left join marts.cost_center_rollup as rolled_up -- has a row for each statement
    on
        heads.tenant = rolled_up.tenant
        and heads.month = rolled_up.month
        and heads.cost_center = rolled_up.cost_center
