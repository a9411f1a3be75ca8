-- Everybody ever seen: listed as a user, or named by an automation, a run or usage.
-- grain: tenant, owner_id

with listed_users as (
    select
        tenant,
        date as snapshot_date,
        user_id,
        nullif(trim(name), '') as user_name,
        nullif(trim(email), '') as user_email,
        status as user_status
    from raw_users
)

select
    seen.tenant,
    seen.entity_id as owner_id,
    if(
        listed.user_name is null,
        null,
        owner_shown(seen.tenant, seen.entity_id, listed.user_name)
    ) as name,
    owner_shown(
        seen.tenant,
        seen.entity_id,
        case
            when seen.entity_id = 'unknown' then 'Unknown owner'
            else
                coalesce(
                    listed.user_name,
                    listed.user_email,
                    'Unknown owner ' || left(seen.entity_id, 8) || '…'
                )
        end
    ) as label,
    address_shown(listed.user_email) as email,
    listed.user_status as status,
    seen.first_seen_date,
    seen.last_seen_date,
    seen.is_deleted,
    seen.deleted_since
from _lifespans as seen
left join listed_users as listed
    on
        seen.tenant = listed.tenant
        and seen.entity_id = listed.user_id
        and seen.last_listed_date = listed.snapshot_date
where seen.listing = 'users'
