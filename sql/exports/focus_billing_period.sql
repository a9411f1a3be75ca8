-- The month as FOCUS 1.4 Billing Period: Closed once all its statements are.
-- grain: billing_period_start, invoice_issuer_name

with readings as (
    select cast(max(extracted_at) as timestamp) as last_read_at
    from marts.coverage
    where date_trunc('month', date) = getvariable('export_month')
),

closings as (
    select max(closed_at) as closed_at
    from marts.closed_months
    where month = getvariable('export_month')
)

select
    cast(statements.month as timestamp) as billing_period_created,
    cast(statements.month + interval 1 month as timestamp) as billing_period_end,
    -- What is read again later is no change of a closed month. Of a month of which
    -- nothing was read, nothing has changed since it began.
    greatest(
        cast(statements.month as timestamp),
        case
            when bool_and(statements.closed) then closings.closed_at
            else readings.last_read_at
        end
    ) as billing_period_last_updated,
    cast(statements.month as timestamp) as billing_period_start,
    case when bool_and(statements.closed) then 'Closed' else 'Open' end
        as billing_period_status,
    getvariable('export_issuer') as invoice_issuer_name
from marts.statement as statements
cross join readings
cross join closings
where statements.month = getvariable('export_month')
group by statements.month, readings.last_read_at, closings.closed_at
