-- Automations that may have cost enough on a day, or in a first week, to be an anomaly,
-- before what is included.
-- grain: tenant, automation_id
-- conserves: nothing: it lists automations

with months as (
    select
        tenant,
        automation_id,
        month as billing_month,
        sum(gross_amount) as amount
    from charges
    where kind = 'usage'
    group by tenant, automation_id, month
),

-- The part of a month's quantity of a meter that its greatest day has.
peaks as (
    select
        tenant,
        automation_id,
        billing_month,
        min(first_date) as first_date,
        max(peak_quantity) / nullif(sum(base_quantity), 0) as peak_ratio
    from int_usage_by_period
    group by tenant, automation_id, billing_month, meter
),

-- The greatest of the meters: a day's part of the amount is hardly more. A true zero:
-- nothing was used.
used as (
    select
        tenant,
        automation_id,
        billing_month,
        min(first_date) as first_date,
        coalesce(max(peak_ratio), 0) as peak_ratio
    from peaks
    group by tenant, automation_id, billing_month
),

first_months as (
    select
        tenant,
        automation_id,
        min(first_date) as first_date,
        min(min(first_date)) over (partition by tenant) as tenant_first_date
    from used
    group by tenant, automation_id
),

floors as (
    select
        lines.tenant,
        anomaly_floor(lines.gross_amount, lines.month, months.is_complete)
            as floor_amount
    from meter_monthly as lines
    inner join tenant_monthly as months -- drops nothing: a row for whatever is charged
        on
            lines.tenant = months.tenant
            and lines.month = months.month
    group by lines.tenant
)

-- Twice, since a day may cost more than others of its month. A week that costs more
-- than the floor has half of it, or more, in one month.
select
    months.tenant,
    months.automation_id
from months
inner join used -- drops a closed month of which no day is known any more
    on
        months.tenant = used.tenant
        and months.automation_id = used.automation_id
        and months.billing_month = used.billing_month
inner join first_months -- drops nothing: a row for whatever was used
    on
        months.tenant = first_months.tenant
        and months.automation_id = first_months.automation_id
inner join floors -- drops nothing: it has what is charged
    on months.tenant = floors.tenant
where
    2 * months.amount * used.peak_ratio
    > floors.floor_amount
    or (
        2 * months.amount > floors.floor_amount
        and months.billing_month < first_months.first_date + 7
        and first_months.first_date > first_months.tenant_first_date
    )
group by months.tenant, months.automation_id
