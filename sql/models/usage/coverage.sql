-- Whether each source was read for each day, whole or in part.
-- grain: tenant, date, source
-- conserves: sum(rows) per tenant, source = sum(row_count) of stg_coverage

with known_tenants as (
    select unnest(cast(getvariable('tenants') as varchar[])) as tenant
),

-- Usage and runs are expected of each day. A snapshot is not: it cannot be taken later.
first_days as (
    select
        known_tenants.tenant,
        coalesce(
            getvariable('first_days')[known_tenants.tenant],
            getvariable('first_day'),
            min(stg_coverage.covered_date)
        ) as first_date
    from known_tenants
    left join stg_coverage
        on
            known_tenants.tenant = stg_coverage.tenant
            and stg_coverage.source in ('usage', 'runs')
    group by known_tenants.tenant
),

due as (
    select
        first_days.tenant,
        cast(series.due_date as date) as due_on,
        sources.source
    from first_days
    cross join
        unnest(
            generate_series(
                first_days.first_date, getvariable('as_of'), interval 1 day
            )
        ) as series (due_date)
    cross join (values ('usage'), ('runs')) as sources (source)
),

-- How far back a tenant keeps its usage is not known. An empty answer for a day before
-- the first one with figures may mean that it kept none: the day counts as missing.
first_metered as (
    select
        tenant,
        min(covered_date) as metered_from
    from stg_coverage
    where source = 'usage' and row_count > 0
    group by tenant
)

select
    coalesce(due.tenant, stg_coverage.tenant) as tenant,
    coalesce(due.due_on, stg_coverage.covered_date) as date,
    coalesce(due.source, stg_coverage.source) as source,
    case
        when
            stg_coverage.coverage_status is null
            or (
                stg_coverage.source = 'usage'
                and stg_coverage.row_count = 0
                and stg_coverage.covered_date
                < coalesce(first_metered.metered_from, getvariable('as_of'))
            )
            then 'missing'
        else stg_coverage.coverage_status
    end as status,
    stg_coverage.row_count as rows,
    stg_coverage.missing_ids as missing,
    stg_coverage.extracted_at
from due
full join stg_coverage
    on
        due.tenant = stg_coverage.tenant
        and due.due_on = stg_coverage.covered_date
        and due.source = stg_coverage.source
left join first_metered
    on stg_coverage.tenant = first_metered.tenant
