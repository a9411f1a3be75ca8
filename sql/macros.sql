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

-- Ten-thousandths of base units (runs, seconds, bytes, calls) as millionths of a
-- meter's billing unit, rounded half up: 9000 seconds as 2500000 for 2.5 hours.
create temp macro billing_e6(base_e4, base_per_unit) as (
    half_up(100 * cast(base_e4 as hugeint), base_per_unit)
);

-- Whether what is valid from and to these days holds on a day; without a first or a
-- last day (null) it has no end there.
create temp macro in_force(on_day, valid_from, valid_to) as (
    (valid_from is null or on_day >= valid_from)
    and (valid_to is null or on_day <= valid_to)
);
