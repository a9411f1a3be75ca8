-- What the runs of a month transferred.

select distinct -- a run may have two records
    runs.tenant,
    coalesce(
        cast(
            date_trunc('month', at_utc(coalesce(runs.started_at, runs.created_at)))
            as date
        ),
        cast('0001-01-01' as date)
    ) as month,
    metrics.run_id,
    metrics.bandwidth_in_bytes,
    metrics.bandwidth_out_bytes,
    metrics.api_calls
from stg_run_metrics as metrics
inner join raw_runs as runs -- drops figures of runs that are not listed
    on
        metrics.tenant = runs.tenant
        and metrics.run_id = runs.run_id
