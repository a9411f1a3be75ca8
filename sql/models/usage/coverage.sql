-- Whether each source was read for each day, whole or in part.
-- grain: tenant, date, source
-- conserves: sum(rows) per tenant, source = raw_coverage
--   where (source not in ('usage', 'runs', 'run_metrics')
--   or date >= first_day_of(tenant))
--   and not coalesce(list_contains(getvariable('lost_days'),
--   { 'tenant': tenant, 'source': source, 'day': date }), false)

-- A day that was never read has no row, nor has one before the tenant's first day;
-- snapshots tell names of later days too. Nor has one that was read and is lost.
with read_days as (
    select
        tenant,
        date,
        source,
        status,
        rows,
        missing,
        extracted_at at time zone 'UTC' as extracted_at,
        -- How far back a tenant keeps its usage is not known. An empty answer for a day
        -- before the first one with figures may mean that it kept none: it is missing.
        min(date) filter (where source = 'usage' and rows > 0) over (
            partition by tenant
        ) as metered_from
    from raw_coverage
    where
        (
            source not in ('usage', 'runs', 'run_metrics')
            or date >= first_day_of(tenant)
        )
        and not coalesce(
            list_contains(
                getvariable('lost_days'),
                { 'tenant': tenant, 'source': source, 'day': date }
            ),
            false -- nothing is lost
        )
),

-- Usage and runs are expected of each day. A snapshot is not: it cannot be taken later.
first_days as (
    select
        known_tenants.tenant,
        coalesce(
            getvariable('first_days')[known_tenants.tenant],
            getvariable('first_day'),
            min(read_days.date)
        ) as first_date
    from unnest(cast(getvariable('tenants') as varchar[])) as known_tenants (tenant)
    left join read_days
        on
            known_tenants.tenant = read_days.tenant
            and read_days.source in ('usage', 'runs')
    group by known_tenants.tenant
),

due as (
    select
        first_days.tenant,
        cast(series.due_date as date) as date,
        sources.source
    from first_days
    cross join
        unnest(
            generate_series(
                first_days.first_date, getvariable('as_of'), interval 1 day
            )
        ) as series (due_date)
    cross join (values ('usage'), ('runs')) as sources (source)
)

select
    coalesce(due.tenant, read_days.tenant) as tenant,
    coalesce(due.date, read_days.date) as date,
    coalesce(due.source, read_days.source) as source,
    case
        when
            read_days.status is null
            or (
                read_days.source = 'usage'
                and read_days.rows = 0
                and read_days.date
                < coalesce(read_days.metered_from, getvariable('as_of'))
            )
            then 'missing'
        else read_days.status
    end as status,
    read_days.rows,
    read_days.missing,
    read_days.extracted_at
from due
full join read_days
    on
        due.tenant = read_days.tenant
        and due.date = read_days.date
        and due.source = read_days.source
