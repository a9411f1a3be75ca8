-- Listed runs of an automation on their metering day, by owner and space.
-- grain: tenant, usage_date, automation_id, owner_id, space_id

select
    tenant,
    run_date as usage_date,
    automation_id,
    owner_id,
    space_id,
    count(*) as listed_runs,
    count(*) filter (where run_status = 'failed') as failed_runs,
    count(*) filter (where is_third_party is null) as unknown_billing_runs,
    -- Unknown, not 0, where no run says whether it is a third-party run.
    case
        when count(is_third_party) > 0
            then count(*) filter (where is_third_party)
    end as third_party_runs,
    cast(sum(duration_seconds) as bigint) as listed_seconds,
    count(*) over (
        partition by tenant, run_date, automation_id
    ) as part_count
from int_runs_owned
where is_metered
group by tenant, run_date, automation_id, owner_id, space_id
