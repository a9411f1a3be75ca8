-- What several models calculate in the same way. Every connection that runs SQL of
-- ours has these macros. Quantities in ten-thousandths (_e4), amounts in micros
-- (millionths of the currency) and minor units (cents, yen, fils) are whole numbers
-- of up to 38 digits, so that nothing is lost on the way.

-- A whole divided by weights. Each part first gets whole * weight / weights, cut to a
-- whole number; what is left over goes one by one to the largest remainders:
--
--     with divisions as (
--         select
--             *,
--             whole_part(whole, weight, sum(weight) over parts) as part,
--             fraction_part(whole, weight, sum(weight) over parts) as fraction
--         from shares
--         window parts as (partition by key)
--     )
--
--     select
--         key,
--         largest_remainder(
--             part,
--             whole - sum(part) over parts,
--             row_number() over (parts order by fraction desc, name asc)
--         ) as share
--     from divisions
--     window parts as (partition by key)

-- The part before anything is left over, in the unit of the whole: 3 where 10 is
-- divided by a weight of 1 in 3. No weight is no part, also where nothing has any.
create temp macro whole_part(whole, weight, weights) as (
    case when weight = 0 then 0 else cast(whole as hugeint) * weight // weights end
);

-- What whole_part() cuts off, the remainder: in fractions of the sum of the weights, so
-- 1 (of 3) where 10 is divided by a weight of 1 in 3.
create temp macro fraction_part(whole, weight, weights) as (
    case when weight = 0 then 0 else cast(whole as hugeint) * weight % weights end
);

-- The part in the end, in the unit of the whole: one more if its remainder ranks
-- within what is left over.
create temp macro largest_remainder(part, left_over, rank) as (
    part + case when rank <= left_over then 1 else 0 end
);

-- numerator / denominator rounded to a whole number, half away from zero: 5 / 2 is 3,
-- and -5 / 2 is -3. The denominator is above 0.
create temp macro half_up(numerator, denominator) as (
    sign(numerator)
    * (
        (2 * abs(cast(numerator as hugeint)) + denominator)
        // (2 * cast(denominator as hugeint))
    )
);

-- A DECIMAL of at most six decimals as ten-thousandths, a HUGEINT: 1.5 as 15000.
create temp macro to_e4(quantity) as (
    cast(cast(quantity as decimal(38, 6)) * 10000 as hugeint)
);

-- A DECIMAL of at most six decimals as millionths, a HUGEINT: 1.5 as 1500000.
create temp macro to_e6(amount) as (
    cast(cast(amount as decimal(38, 6)) * 1000000 as hugeint)
);

-- Ten-thousandths as DECIMAL(38, 4): 15000 as 1.5000.
create temp macro from_e4(ten_thousandths) as (
    cast(ten_thousandths as decimal(34, 0)) * 0.0001
);

-- Millionths as DECIMAL(38, 6): 1500000 as 1.500000.
create temp macro from_e6(millionths) as (
    cast(millionths as decimal(32, 0)) * 0.000001
);

-- Minor units as an amount of the currency, DECIMAL(18, 3): 150 cents as 1.500.
create temp macro from_minor(minor_units) as (
    cast(
        cast(
            minor_units * (getvariable('micros_per_minor') // 1000) as decimal(18, 0)
        ) * 0.001 as decimal(18, 3)
    )
);

-- Millionths of the currency as an amount in whole minor units, half away from zero.
create temp macro whole_minor(millionths) as (
    from_e6(
        half_up(millionths, getvariable('micros_per_minor'))
        * getvariable('micros_per_minor')
    )
);

-- Ten-thousandths of base units (runs, seconds, bytes, calls) as millionths of a
-- meter's billing unit, rounded half up: 9000 seconds as 2500000 for 2.5 hours.
create temp macro billing_e6(base_e4, base_per_unit) as (
    half_up(100 * cast(base_e4 as hugeint), base_per_unit)
);

-- A base quantity in a meter's billing unit, rounded half up to millionths.
create temp macro billing_quantity(base_quantity, base_per_unit) as (
    from_e6(billing_e6(to_e4(base_quantity), base_per_unit))
);

-- Whether what is valid from and to these days holds on a day; without a first or a
-- last day (null) it has no end there.
create temp macro in_force(on_day, valid_from, valid_to) as (
    (valid_from is null or on_day >= valid_from)
    and (valid_to is null or on_day <= valid_to)
);

-- An amount of the currency, DECIMAL(18, 3).
create temp macro to_amount(amount) as (
    cast(amount as decimal(18, 3))
);

-- A share or a change, to read and never to book: DECIMAL(18, 6), null of nothing.
create temp macro to_ratio(part, whole) as (
    cast(part / nullif(whole, 0) as decimal(18, 6))
);

-- Seconds as hours and bytes as GB, rounded for an axis.
create temp macro to_hours(seconds) as (
    cast(seconds / 3600 as decimal(18, 2))
);
create temp macro to_gb(bytes) as (
    cast(bytes / 1000000000 as decimal(18, 3))
);

-- A sum of which there are so many rows: of none it is 0 if that is known, else null.
create temp macro or_zero(total, row_count, is_known) as (
    case when row_count = 0 and is_known then 0 else total end
);

-- A text as SQL writes it, in quotes.
create temp macro text_literal(value) as (
    '''' || replace(cast(value as varchar), '''', '''''') || ''''
);

-- The query that shows what a line of a statement is made of.
create temp macro trace_of(
    tenant, month, cost_center, kind, meter, tier, rate_from, item, corrects_month,
    cause
) as (
    'select * from marts.charges where tenant = ' || text_literal(tenant)
    || ' and month = date ' || text_literal(month)
    || ' and cost_center = ' || text_literal(cost_center)
    || coalesce(' and kind = ' || text_literal(kind), '')
    || coalesce(' and meter = ' || text_literal(meter), '')
    || coalesce(' and tier = ' || tier, '')
    || coalesce(' and rate_from = date ' || text_literal(rate_from), '')
    || coalesce(' and item = ' || text_literal(item), '')
    || coalesce(' and corrects_month = date ' || text_literal(corrects_month), '')
    || coalesce(' and cause = ' || text_literal(cause), '')
);

-- What a grouping set is of, by grouping(owner_id) and grouping(space_id).
create temp macro dimension_of(without_owner, without_space) as (
    case
        when without_owner = 0 then 'owner'
        when without_space = 0 then 'space'
        else 'automation'
    end
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
        when list in ('trends', 'cost_centers') then 6
        when list = 'movers' then 10
        when list = 'connector_days' then 30
        when list in ('automation', 'runs', 'connectors') then 50
        when list in ('owner', 'space', 'statement', 'cleanup', 'days') then 100
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
