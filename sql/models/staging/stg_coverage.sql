-- What was read of a source for a day. A day that was never read has no row, nor has
-- one before the tenant's first day; snapshots tell names of later days too. Nor has
-- one that was read and is lost.
-- grain: tenant, covered_date, source

select
    tenant,
    date as covered_date,
    source,
    status as coverage_status,
    rows as row_count,
    missing as missing_ids,
    extracted_at at time zone 'UTC' as extracted_at
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
