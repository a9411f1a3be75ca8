-- What was read of each source for each day, and which days are missing.
-- grain: tenant, date, source

with known_tenants as (
    select unnest(cast(getvariable('tenants') as varchar[])) as tenant
),

-- Usage and runs are due for every day; a snapshot only exists if it was taken.
first_days as (
    select
        known_tenants.tenant,
        coalesce(
            cast(getvariable('first_day') as date), min(stg_coverage.covered_date)
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
)

select
    coalesce(due.tenant, stg_coverage.tenant) as tenant,
    coalesce(due.due_on, stg_coverage.covered_date) as date,
    coalesce(due.source, stg_coverage.source) as source,
    coalesce(stg_coverage.coverage_status, 'missing') as status,
    stg_coverage.row_count as rows,
    stg_coverage.missing_ids as missing,
    stg_coverage.extracted_at
from due
full join stg_coverage
    on
        due.tenant = stg_coverage.tenant
        and due.due_on = stg_coverage.covered_date
        and due.source = stg_coverage.source
