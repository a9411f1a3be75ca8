-- Versions of an automation: from when on snapshots have its owner, space, name, state.
-- grain: tenant, automation_id, valid_from
-- conserves: nothing: it has no quantities

-- Most automations stay as they are, so that few snapshots are to be sorted.
with states as (
    select
        tenant,
        automation_id,
        listed_owner_id,
        space_id,
        automation_name,
        automation_state,
        min(snapshot_date) as snapshot_date,
        max(snapshot_date) as last_date
    from stg_automations
    group by all
),

-- Automations that were in a state again, after another one.
returned as (
    select distinct -- it may have been in several
        tenant,
        automation_id
    from states
    window history as (partition by tenant, automation_id order by snapshot_date)
    qualify snapshot_date <= lag(last_date) over history
),

-- A row where something differs from the snapshot before.
changes as (
    select states.* exclude (last_date) -- noqa: RF02
    from states
    anti join returned
        on
            states.tenant = returned.tenant
            and states.automation_id = returned.automation_id
    union all by name
    select
        listed.tenant,
        listed.automation_id,
        listed.snapshot_date,
        listed.listed_owner_id,
        listed.space_id,
        listed.automation_name,
        listed.automation_state
    from stg_automations as listed
    semi join returned
        on
            listed.tenant = returned.tenant
            and listed.automation_id = returned.automation_id
    window
        history as (
            partition by listed.tenant, listed.automation_id
            order by listed.snapshot_date
        )
    qualify
        lag(listed.snapshot_date) over history is null
        or listed.listed_owner_id
        is distinct from lag(listed.listed_owner_id) over history
        or listed.space_id is distinct from lag(listed.space_id) over history
        or listed.automation_name
        is distinct from lag(listed.automation_name) over history
        or listed.automation_state
        is distinct from lag(listed.automation_state) over history
)

select
    tenant,
    automation_id,
    snapshot_date as valid_from,
    lead(snapshot_date) over history as superseded_on,
    listed_owner_id,
    space_id,
    automation_name,
    automation_state,
    -- Days before the first snapshot are attributed to the first version.
    case
        when row_number() over history = 1 then cast('0001-01-01' as date)
        else snapshot_date
    end as attributed_from,
    -- But for a month that was closed before, which goes on to know none.
    case
        when row_number() over history = 1
            then counts_from(tenant, 'automations', snapshot_date)
        else snapshot_date
    end as counted_from,
    lead(snapshot_date, 1, cast('9999-12-31' as date)) over history as attributed_until
from changes
window history as (partition by tenant, automation_id order by snapshot_date)
