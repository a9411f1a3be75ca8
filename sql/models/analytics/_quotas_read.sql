-- The quotas of a licence joined with the provider's figures of the period then.
-- grain: tenant, snapshot_date, meter

with licensed as (
    select
        licence.tenant,
        licence.date as snapshot_date,
        -- Our name of the meter; a parameter that has none keeps its own.
        coalesce(known.quota, licence.parameter) as meter,
        lower(licence.period_type) as period_type,
        licence.is_unlimited,
        -- A negative quantity stands for no limit.
        case when licence.quantity >= 0 then licence.quantity end as quota
    from raw_licence as licence
    left join seed_quotas as known
        on lower(licence.parameter) = known.licence_parameter
),

-- Of the periods that hold the day, the month, or else the one that began last.
current_figures as (
    select
        tenant,
        snapshot_date,
        meter,
        period_type,
        period_start_date,
        period_end_date,
        is_overage,
        provider_used,
        licence_used,
        capacity_limit
    from stg_consumption
    where
        period_start_date <= snapshot_date
        and (period_end_date is null or period_end_date >= snapshot_date)
    qualify
        row_number() over (
            partition by tenant, snapshot_date, meter
            order by
                period_type = 'month' desc,
                period_start_date desc,
                period_type asc
        ) = 1
),

-- Either source may be off, or tell of a meter that the other knows nothing of.
joined as (
    select
        coalesce(licensed.tenant, figures.tenant) as tenant,
        coalesce(licensed.snapshot_date, figures.snapshot_date) as snapshot_date,
        coalesce(licensed.meter, figures.meter) as meter,
        coalesce(figures.period_type, licensed.period_type) as period_type,
        figures.period_start_date,
        figures.period_end_date,
        licensed.is_unlimited,
        figures.is_overage,
        coalesce(licensed.quota, figures.capacity_limit) as quota,
        figures.provider_used,
        figures.licence_used
    from licensed
    full join current_figures as figures
        on
            licensed.tenant = figures.tenant
            and licensed.snapshot_date = figures.snapshot_date
            and licensed.meter = figures.meter
)

-- A monthly quota without a figure of its own is one of the calendar month.
select
    tenant,
    snapshot_date,
    meter,
    case
        when period_start_date is not null then period_start_date
        when period_type = 'month'
            then cast(date_trunc('month', snapshot_date) as date)
    end as period_start_date,
    case
        when period_start_date is not null then period_end_date
        when period_type = 'month' then last_day(snapshot_date)
    end as period_end_date,
    is_unlimited,
    is_overage,
    quota,
    provider_used,
    licence_used
from joined
