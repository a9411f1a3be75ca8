-- Which tenants, spaces, owners and automations a cost centre rule's patterns match.
-- grain: rule, kind, tenant, entity_id
-- conserves: nothing: patterns have no quantities

with patterns as (
    select
        rule,
        'tenant' as kind,
        tenant as pattern
    from _cost_center_rules
    union all
    select
        rule,
        'space' as kind,
        space as pattern
    from _cost_center_rules
    union all
    select
        rule,
        'owner' as kind,
        owner as pattern
    from _cost_center_rules
    union all
    select
        rule,
        'automation' as kind,
        automation as pattern
    from _cost_center_rules
),

-- LIKE has % for our *, and its own signs escaped. Accents may be typed as one sign
-- or as two, and letters large or small.
like_patterns as (
    select
        rule,
        kind,
        pattern,
        kind = 'space' and lower(pattern) = 'personal' as is_personal,
        replace(
            replace(
                replace(
                    replace(lower(nfc_normalize(pattern)), '\', '\\'), '%', '\%'
                ),
                '_',
                '\_'
            ),
            '*',
            '%'
        ) as like_pattern
    from patterns
    where pattern != '' -- an empty one matches anything, and is asked of nothing
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

-- Whatever matches: by id to the letter, by name or e-mail address. The space
-- pattern "personal" is for personal spaces, which have neither.
select
    like_patterns.rule,
    like_patterns.kind,
    entities.tenant,
    entities.entity_id
from like_patterns
inner join entities
    on
        like_patterns.kind = entities.kind
        and case
            when like_patterns.is_personal then entities.entity_id = ''
            else
                like_patterns.pattern = entities.entity_id
                or lower(nfc_normalize(entities.name))
                like like_patterns.like_pattern escape '\'
                or lower(nfc_normalize(entities.email))
                like like_patterns.like_pattern escape '\'
        end
