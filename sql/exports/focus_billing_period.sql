-- The month as FOCUS 1.4 Billing Period: Closed once all its statements are.
-- grain: billing_period_start, invoice_issuer_name

-- A month of which all statements were reversed, and none is due any more, is open.
with period as (
    select
        getvariable('export_month') as billing_month,
        coalesce(bool_and(closed), false) as is_closed
    from marts.statement
    where month = getvariable('export_month')
),

readings as (
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
    cast(period.billing_month as timestamp) as billing_period_created,
    cast(period.billing_month + interval 1 month as timestamp) as billing_period_end,
    -- What is read again later is no change of a closed month. Of a month of which
    -- nothing was read, nothing has changed since it began.
    greatest(
        cast(period.billing_month as timestamp),
        case when period.is_closed then closings.closed_at else readings.last_read_at
        end
    ) as billing_period_last_updated,
    cast(period.billing_month as timestamp) as billing_period_start,
    case when period.is_closed then 'Closed' else 'Open' end as billing_period_status,
    -- Joined to Cost and Usage, where it is in ASCII.
    ascii_text(getvariable('export_issuer')) as invoice_issuer_name
from period
cross join readings
cross join closings
