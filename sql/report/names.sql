-- Every owner, space and automation: what it is called and was called, and what it last
-- came to; those in use of late first.
-- grain: tenant, dimension, entity_id
-- conserves: nothing: it lists names

with used as (
    select
        tenant,
        dimension,
        entity_id,
        max(month) as last_month,
        max_by(amount, month) as amount,
        list(distinct label order by label) as labels -- of months, as pages have them
    from usage_monthly
    where entity_id != 'shared'
    group by tenant, dimension, entity_id
),

named as (
    select
        tenant,
        'automation' as dimension,
        automation_id as entity_id,
        label,
        is_deleted,
        owner_id
    from automations
    union all
    select
        tenant,
        'owner' as dimension,
        owner_id as entity_id,
        label,
        is_deleted,
        null as owner_id
    from owners
    union all
    select
        tenant,
        'space' as dimension,
        space_id as entity_id,
        label,
        is_deleted,
        null as owner_id
    from spaces
)

-- Users that own nothing, and spaces with nothing in them, stand on no page.
select
    named.*,
    list_filter(used.labels, lambda one: one != named.label) -- noqa: RF02
        as former_labels,
    used.last_month,
    used.amount
from named
left join used
    on
        named.tenant = used.tenant
        and named.dimension = used.dimension
        and named.entity_id = used.entity_id
where
    used.last_month is not null
    or named.dimension = 'automation'
    or (named.tenant, named.dimension, named.entity_id) in (
        select unnest([(tenant, 'owner', owner_id), (tenant, 'space', space_id)]) --noqa
        from automations
    )
order by
    used.last_month desc nulls last,
    used.amount desc nulls last,
    named.label asc,
    named.tenant asc,
    named.dimension asc,
    named.entity_id asc
