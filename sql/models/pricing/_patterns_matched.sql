-- From when until when a pattern of a rule matches a tenant, space, owner, automation.
-- grain: rule, kind, tenant, entity_id, matched_from
-- conserves: nothing: a match has no quantity

-- An empty pattern matches anything, and is compared with nothing. The space pattern
-- "personal" is for personal spaces, which have no name.
with patterns as (
    select
        rule,
        kind,
        like_pattern(pattern) as like_pattern
    from finance_cost_centers
    unpivot (pattern for kind in (tenant, space, owner, owner_email, automation))
    where
        line = rule -- patterns are the same on all lines of a rule
        and pattern != ''
        and not (kind = 'space' and lower(pattern) = 'personal')
),

-- In force from the first of these days on, and no more on the last.
names as (
    select
        dimension as kind,
        tenant,
        entity_id,
        valid_from,
        valid_until,
        as_compared(name) as name
    from name_history
    union all
    select
        'tenant' as kind,
        tenant,
        tenant as entity_id,
        cast('0001-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_until,
        as_compared(tenant) as name
    from automations
    group by tenant
),

matches as (
    select
        patterns.rule,
        patterns.kind,
        names.tenant,
        names.entity_id,
        names.valid_from,
        names.valid_until,
        lag(names.valid_until) over (
            partition by
                patterns.rule, patterns.kind, names.tenant, names.entity_id
            order by names.valid_from
        ) as matched_before
    from patterns
    inner join names
        on
            patterns.kind = names.kind
            and names.name like patterns.like_pattern escape '\'
),

-- A name after another that matches too goes on with the same match.
numbered as (
    select
        *,
        count(*) filter (where matched_before is distinct from valid_from) over (
            partition by rule, kind, tenant, entity_id
            order by valid_from
        ) as match_number
    from matches
)

select
    rule,
    kind,
    tenant,
    entity_id,
    min(valid_from) as matched_from,
    max(valid_until) as matched_until
from numbered
group by rule, kind, tenant, entity_id, match_number
