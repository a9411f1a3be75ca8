-- From when until when a pattern of a rule matches a space, an owner, an automation:
-- of a rule of cost centres, or, with a number below 0, of the value of runs.
-- grain: rule, kind, tenant, entity_id, matched_from
-- conserves: nothing: a match has no quantity

-- An empty pattern matches anything, and is compared with nothing. The space pattern
-- "personal" is for personal spaces, which have no name.
with patterns as (
    select
        rule,
        kind,
        like_pattern(pattern) as like_pattern
    from finance_rules
    unpivot (pattern for kind in (space, owner, owner_email, automation))
    where
        pattern != ''
        and not (kind = 'space' and lower(pattern) = 'personal')
),

-- In force from the first of these days on, and no more on the last. In a month that
-- an earlier version closed, a name's column matches ids and addresses, as it did then.
names as (
    select
        dimension as kind,
        tenant,
        entity_id,
        matched_from as valid_from,
        valid_until,
        as_compared(name) as name
    from name_history
    union all
    select
        replace(known.dimension, 'owner_email', 'owner') as kind,
        known.tenant,
        known.entity_id,
        months.month as valid_from,
        cast(months.month + interval 1 month as date) as valid_until,
        as_compared(
            if(known.dimension = 'owner_email', known.name, known.entity_id)
        ) as name
    from name_history as known
    inner join raw_closed_months as months -- drops what was not known then
        on
            known.tenant = months.tenant
            and months.matches_ids
            and known.valid_from <= months.as_of
            and known.valid_until > months.as_of
),

matches as (
    select
        patterns.rule,
        patterns.kind,
        names.tenant,
        names.entity_id,
        names.valid_from,
        names.valid_until,
        max(names.valid_until) over (
            partition by
                patterns.rule, patterns.kind, names.tenant, names.entity_id
            order by names.valid_from, names.valid_until
            rows between unbounded preceding and 1 preceding
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
        count(*) filter (
            where matched_before is null or matched_before < valid_from
        ) over (
            partition by rule, kind, tenant, entity_id
            order by valid_from, valid_until
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
