-- How people are shown: by name, by a pseudonym that stays the same, or not at all.

create temp macro are_owners_named() as (
    coalesce(getvariable('owners_shown'), 'names') = 'names'
);

-- The pseudonym of an owner is that of pipeline.lake.forgotten, too. A new name of the
-- tenant does not change it.
create temp macro owner_shown(of_tenant, of_owner_id, its_name) as (
    case getvariable('owners_shown')
        when 'pseudonyms'
            then
                if(
                    of_owner_id = 'unknown',
                    its_name,
                    'Person '
                    || left(sha256(first_name_of(of_tenant) || '/' || of_owner_id), 10)
                )
        when 'none' then 'Not shown'
        else its_name
    end
);

-- Whether a label of a closed month is the one to show: of an owner by name only.
create temp macro is_called_as_closed(dimension, closed_dimension) as (
    dimension = closed_dimension and (dimension != 'owner' or are_owners_named())
);

-- An address, or nothing: there is none that names nobody.
create temp macro address_shown(address) as (
    if(are_owners_named(), address, null)
);
