-- Every space ever seen. '' is all personal spaces, 'unknown' any that is not known.
-- grain: tenant, space_id

with listed_spaces as (
    select
        tenant,
        date as snapshot_date,
        space_id,
        nullif(trim(name), '') as space_name,
        type as space_type
    from raw_spaces
)

select
    seen.tenant,
    seen.entity_id as space_id,
    listed.space_name as name,
    case seen.entity_id
        when '' then 'Personal space'
        when 'unknown' then 'Unknown space'
        else
            coalesce(
                listed.space_name,
                'Deleted or unknown space ' || left(seen.entity_id, 8) || '…'
            )
    end as label,
    case seen.entity_id
        when '' then 'personal'
        else coalesce(listed.space_type, 'unknown')
    end as type,
    seen.first_seen_date,
    seen.last_seen_date,
    seen.is_deleted,
    seen.deleted_since
from _lifespans as seen
left join listed_spaces as listed
    on
        seen.tenant = listed.tenant
        and seen.entity_id = listed.space_id
        and seen.last_listed_date = listed.snapshot_date
where seen.listing = 'spaces'
