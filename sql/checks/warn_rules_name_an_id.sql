-- Columns of names hold no id and no e-mail address, which have columns of their own.

with stated as (
    select
        line,
        cost_center,
        named_column,
        pattern
    from cost_center_rules
    unpivot (pattern for named_column in (space, owner, automation))
    where pattern not in ('', '*')
),

known as (
    select
        'space' as named_column,
        'space_id' as right_column,
        space_id as known_value
    from spaces
    union all
    select
        'owner' as named_column,
        'owner_id' as right_column,
        owner_id as known_value
    from owners
    union all
    select
        'owner' as named_column,
        'owner_email' as right_column,
        name as known_value
    from name_history
    where dimension = 'owner_email'
    union all
    select
        'automation' as named_column,
        'automation_id' as right_column,
        automation_id as known_value
    from automations
)

select
    stated.line,
    stated.cost_center,
    stated.named_column,
    stated.pattern,
    min(known.right_column) as right_column
from stated
inner join known -- drops what is no id and no address
    on
        stated.named_column = known.named_column
        and (
            stated.pattern = known.known_value
            or (
                known.right_column = 'owner_email'
                and as_compared(known.known_value)
                like like_pattern(stated.pattern) escape '\'
            )
        )
anti join name_history as named -- the name of something, at some time
    on
        stated.named_column = named.dimension
        and as_compared(named.name) like like_pattern(stated.pattern) escape '\'
group by stated.line, stated.cost_center, stated.named_column, stated.pattern
