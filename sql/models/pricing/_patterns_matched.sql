-- Which tenants, spaces, owners and automations a cost centre rule's patterns match.
-- grain: rule, kind, tenant, entity_id
-- conserves: nothing: a match has no quantity

-- LIKE has % for our *, and its own signs escaped. Accents may be typed as one sign
-- or as two, and letters large or small. An empty pattern matches anything, and is
-- compared with nothing.
with patterns as (
    select
        rule,
        kind,
        pattern,
        kind = 'space' and lower(pattern) = 'personal' as is_personal,
        replace(
            regexp_replace(lower(nfc_normalize(pattern)), '[\\%_]', '\\\0', 'g'),
            '*',
            '%'
        ) as like_pattern
    from _cost_center_rules
    unpivot (pattern for kind in (tenant, space, owner, automation))
    where pattern != ''
),

entities as (
    select
        'tenant' as kind,
        tenant,
        tenant as entity_id,
        tenant as name,
        null as email
    from automations
    group by tenant
    union all
    select
        'space' as kind,
        tenant,
        space_id as entity_id,
        name,
        null as email
    from spaces
    union all
    select
        'owner' as kind,
        tenant,
        owner_id as entity_id,
        name,
        email
    from owners
    union all
    select
        'automation' as kind,
        tenant,
        automation_id as entity_id,
        name,
        null as email
    from automations
)

-- By id to the letter, by name or e-mail address as the pattern says. The space
-- pattern "personal" is for personal spaces, which have neither.
select
    patterns.rule,
    patterns.kind,
    entities.tenant,
    entities.entity_id
from patterns
inner join entities
    on
        patterns.kind = entities.kind
        and case
            when patterns.is_personal then entities.entity_id = ''
            else
                patterns.pattern = entities.entity_id
                or lower(nfc_normalize(entities.name))
                like patterns.like_pattern escape '\'
                or lower(nfc_normalize(entities.email))
                like patterns.like_pattern escape '\'
        end
