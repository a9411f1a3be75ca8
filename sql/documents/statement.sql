-- The heads of versions that were reversed; or of their credit notes, with other signs.
-- grain: tenant, month, cost_center
-- conserves: sum(amount) per the grain = charges

with documents as (
    select
        *,
        case kind
            when 'credit note' then reverses else statement_number || ' v' || version
        end as version_name
    from raw_register
    where kind = getvariable('document_kind')
)

select
    frozen.tenant,
    frozen.month,
    frozen.cost_center,
    documents.statement_number,
    documents.version as statement_version,
    case documents.kind when 'credit note' then 'CREDIT NOTE' else 'REVERSED' end
        as status,
    frozen.is_unallocated,
    as_documented(frozen.amount) as amount,
    as_documented(frozen.usage_amount) as usage_amount,
    as_documented(frozen.fixed_amount) as fixed_amount,
    as_documented(frozen.adjustment_amount) as adjustment_amount,
    as_documented(frozen.no_tenant_amount) as no_tenant_amount,
    as_documented(frozen.prior_amount) as prior_amount,
    as_documented(frozen.change_amount) as change_amount,
    as_documented(frozen.comparable_prior_amount) as comparable_prior_amount,
    as_documented(frozen.comparable_change_amount) as comparable_change_amount,
    as_documented(frozen.budget) as budget,
    as_documented(frozen.budgeted_amount) as budgeted_amount,
    as_documented(frozen.budget_remaining) as budget_remaining,
    as_documented(frozen.ytd_amount) as ytd_amount,
    frozen.currency,
    frozen.closed,
    frozen.covered_days,
    frozen.days_in_month,
    as_documented(frozen.display_amount) as display_amount,
    frozen.display_currency,
    frozen.exchange_rate,
    frozen.exchange_rate_from,
    documents.seal
from raw_closed_statement as frozen
inner join documents -- drops nothing: the register has each statement and credit note
    on
        frozen.statement_number || ' v' || frozen.statement_version
        = documents.version_name
