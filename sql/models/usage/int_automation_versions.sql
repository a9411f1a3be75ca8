-- Versions of an automation: from when on snapshots have its owner, space, name, state.
-- grain: tenant, automation_id, valid_from
-- conserves: nothing: it has no quantities

with snapshots as (
    select
        tenant,
        automation_id,
        snapshot_date,
        listed_owner_id,
        space_id,
        automation_name,
        automation_state,
        row_number() over history as snapshot_number,
        lag(listed_owner_id) over history as earlier_owner_id,
        lag(space_id) over history as earlier_space_id,
        lag(automation_name) over history as earlier_name,
        lag(automation_state) over history as earlier_state
    from stg_automations
    window history as (
        partition by tenant, automation_id
        order by snapshot_date
    )
),

-- A row where something differs from the snapshot before.
changes as (
    select
        tenant,
        automation_id,
        snapshot_date,
        listed_owner_id,
        space_id,
        automation_name,
        automation_state,
        snapshot_number
    from snapshots
    where
        snapshot_number = 1
        or listed_owner_id is distinct from earlier_owner_id
        or space_id is distinct from earlier_space_id
        or automation_name is distinct from earlier_name
        or automation_state is distinct from earlier_state
)

select
    tenant,
    automation_id,
    snapshot_date as valid_from,
    lead(snapshot_date) over (
        partition by tenant, automation_id
        order by snapshot_date
    ) as superseded_on,
    listed_owner_id,
    space_id,
    automation_name,
    automation_state,
    -- Days before the first snapshot are attributed to the first version.
    case
        when snapshot_number = 1 then cast('0001-01-01' as date)
        else snapshot_date
    end as attributed_from,
    -- But for a month that was closed before, which goes on to know none.
    case
        when snapshot_number = 1
            then counts_from(tenant, 'automations', snapshot_date)
        else snapshot_date
    end as counted_from,
    lead(snapshot_date, 1, cast('9999-12-31' as date)) over (
        partition by tenant, automation_id
        order by snapshot_date
    ) as attributed_until
from changes
