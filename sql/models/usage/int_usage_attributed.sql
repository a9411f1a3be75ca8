-- The parts of each automation-day: a part is what one owner used in one space.
-- grain: tenant, usage_date, automation_id, owner_id, space_id
-- by: month of usage_date
-- conserves: sum(listed_runs), sum(listed_seconds), sum(third_party_runs),
--   sum(api_calls) per tenant, usage_date, automation_id =
--   sum(1), sum(duration_seconds), sum(cast(billable as int)), sum(api_calls) of runs
--   by tenant, date, automation_id where date is not null

-- A run without a day was not metered: it has not ended, or never started.
with listed as (
    select
        runs.tenant,
        runs.date as usage_date,
        runs.automation_id,
        runs.owner_id,
        runs.space_id,
        count(*) as listed_runs,
        count(*) filter (where statuses.is_failed) as failed_runs,
        count(*) filter (where statuses.is_successful) as successful_runs,
        count(*) filter (where statuses.is_final is not true) as unknown_outcome_runs,
        count(*) filter (where runs.billable is null) as unknown_billing_runs,
        -- Unknown, not 0, where no run says whether it is a third-party run.
        cast(sum(cast(runs.billable as int)) as bigint) as third_party_runs,
        cast(sum(runs.duration_seconds) as hugeint) as listed_seconds,
        -- Unknown, not 0, where no run reports its calls: most tenants report none.
        cast(sum(runs.api_calls) as hugeint) as api_calls,
        count(*) - count(runs.api_calls) as unknown_call_runs,
        count(*) over automation_day as part_count
    from runs
    left join seed_statuses as statuses -- has a status once
        on runs.status = statuses.status
    where runs.date is not null
    group by
        runs.tenant, runs.date, runs.automation_id, runs.owner_id, runs.space_id
    window automation_day as (partition by runs.tenant, runs.date, runs.automation_id)
)

-- The full join keeps days that only one of the two sources has. Where no run is
-- listed, the version of the automation on that day says whose it was: each day is in
-- one version of an automation that was ever in a snapshot, unless its month was closed
-- before that. Usage that was read before the first snapshot says itself whose it was,
-- and goes on to say so.
select
    coalesce(usage_days.tenant, listed.tenant) as tenant,
    coalesce(usage_days.usage_date, listed.usage_date) as usage_date,
    coalesce(usage_days.automation_id, listed.automation_id) as automation_id,
    coalesce(
        listed.owner_id,
        case
            when usage_days.read_on < versions.valid_from
                then usage_days.current_owner_id
        end,
        versions.listed_owner_id,
        usage_days.current_owner_id,
        'unknown'
    ) as owner_id,
    coalesce(listed.space_id, versions.space_id, 'unknown') as space_id,
    -- A short key within a tenant's day, equal to the columns above.
    row_number() over (
        partition by
            coalesce(usage_days.tenant, listed.tenant),
            coalesce(usage_days.usage_date, listed.usage_date)
        order by
            coalesce(usage_days.automation_id, listed.automation_id),
            listed.owner_id,
            listed.space_id
    ) as part_id,
    case
        when listed.tenant is not null then 'runs'
        when
            usage_days.read_on < versions.valid_from
            and usage_days.current_owner_id is not null
            then 'current_owner'
        when versions.tenant is not null then 'snapshot'
        else 'current_owner'
    end as attribution,
    case when usage_days.tenant is not null then 'usage' else 'runs' end as source,
    coalesce(listed.part_count, 1) as part_count,
    listed.* exclude ( -- noqa: AM04
        tenant, usage_date, automation_id, owner_id, space_id, part_count -- noqa: RF02
    )
from int_usage_days as usage_days
full join listed
    on
        usage_days.tenant = listed.tenant
        and usage_days.usage_date = listed.usage_date
        and usage_days.automation_id = listed.automation_id
left join int_automation_versions as versions
    on
        listed.tenant is null
        and usage_days.tenant = versions.tenant
        and usage_days.automation_id = versions.automation_id
        and usage_days.usage_date >= versions.counted_from
        and usage_days.usage_date < versions.attributed_until
