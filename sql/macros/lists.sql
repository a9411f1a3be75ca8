-- What pages call things, and how their lists end.

-- What a grouping set is of, by grouping(owner_id) and grouping(space_id).
create temp macro dimension_of(without_owner, without_space) as (
    case
        when without_owner = 0 then 'owner'
        when without_space = 0 then 'space'
        else 'automation'
    end
);

-- Whether a day or a month is one of those that trends show: of the running month and
-- the twelve before it.
create temp macro is_in_trends(day) as (
    day >= date_trunc('month', cast(getvariable('as_of') as date)) - interval 12 month
);

-- Lists on pages: the first rows stand alone, and all others share the row after them,
-- so that the rows sum to the whole:
--
--     with ranked as (
--         select
--             *,
--             shown_rank(
--                 row_number() over (order by runs desc, name asc), 'runs'
--             ) as position
--         from used
--     )
--
--     select
--         position,
--         is_remaining(position, 'runs') as is_rest,
--         count(*) as entity_count,
--         of_one(name, position, 'runs') as name,
--         sum(runs) as runs
--     from ranked
--     group by position

-- How many rows of a list stand alone.
create temp macro rows_alone(list) as (
    case
        when list = 'cost_centers' then 4
        when list = 'trends' then 6
        when list = 'movers' then 10
        when list = 'connector_days' then 30
        when list in ('automation', 'runs', 'connectors', 'savings') then 50
        when list in ('owner', 'space', 'statement', 'days') then 100
        else error('no list of pages: ' || list)
    end
);

-- A rank as the row of the list that shows it.
create temp macro shown_rank(rank, list) as (
    least(rank, rows_alone(list) + 1)
);

-- Whether a row of a list stands for all that have none of their own.
create temp macro is_remaining(row_of_list, list) as (
    row_of_list = rows_alone(list) + 1
);

-- What only a row that stands alone says: an aggregate, null for all others.
create temp macro of_one(value, row_of_list, list) as (
    max(value) filter (where row_of_list != rows_alone(list) + 1)
);

-- Fixed amounts and corrections are of nobody: 'shared'. They have a row of their own,
-- the last; whoever is ranked stands before it.
create temp macro shown_rank_or_shared(entity_id, rank, list) as (
    case
        when entity_id = 'shared' then rows_alone(list) + 2
        else shown_rank(rank, list)
    end
);

-- What a page calls an owner, a space, an automation or 'shared'.
create temp macro label_of(entity_id, label) as (
    case entity_id
        when 'shared' then 'Fixed amounts and corrections'
        else coalesce(label, entity_id)
    end
);

-- The percentile of values that are counted: the least one up to which so far so many
-- come, of the total. It is one that there is.
create temp macro percentile_of(counted, so_far, total, percent) as (
    min(counted) filter (where 100 * so_far >= percent * total)
);
