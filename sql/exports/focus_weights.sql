-- What was metered of an automation on a day: a weight of the day in a line of usage.
-- grain: tenant, automation_id, owner_id, space_id, meter, usage_date

-- The measures that count for each meter, as data/seeds/seed_measures.csv has them.
with metered as (
    select
        tenant,
        automation_id,
        owner_id,
        space_id,
        date as usage_date,
        unnest(
            [
                'runs',
                'third_party_runs',
                'duration_hours',
                'bandwidth_gb',
                'api_calls'
            ]
        ) as meter,
        unnest(
            [
                cast(runs as hugeint),
                cast(third_party_runs as hugeint),
                cast(duration_seconds as hugeint),
                cast(bandwidth_in_bytes as hugeint) + bandwidth_out_bytes,
                cast(api_calls as hugeint)
            ]
        ) as weight
    from marts.automation_daily
    where
        getvariable('export_by') = 'day'
        and date_trunc('month', date) = getvariable('export_month')
)

select *
from metered
where weight > 0
