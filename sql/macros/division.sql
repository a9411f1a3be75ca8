-- Division that loses nothing: by largest remainder, and rounded half up.

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

-- one * other // divisor and one * other % divisor, by long division: what is
-- multiplied has up to 25 digits, and 50 digits are more than a HUGEINT holds (38).
-- With B, which is 10^12, as the base of the digits:
--
--     one * other = one * (other // B) * B + one * (other % B)
--
-- and what is left of the first product is carried into the second. It is exact for
-- one * other // B < 10^38, one < 10^25 * 8 and divisor < 10^25 * 8, so for quantities
-- in ten-thousandths up to 10^25 (1,000 exabytes), and for amounts of up to 10^18 in
-- millionths of the currency (10^24).
create temp macro times_over(one, other, divisor) as (
    cast(one as hugeint) * (other // 1000000000000) // divisor * 1000000000000
    + (
        cast(one as hugeint) * (other // 1000000000000) % divisor * 1000000000000
        + cast(one as hugeint) * (other % 1000000000000)
    ) // divisor
);

create temp macro times_left(one, other, divisor) as (
    (
        cast(one as hugeint) * (other // 1000000000000) % divisor * 1000000000000
        + cast(one as hugeint) * (other % 1000000000000)
    ) % divisor
);

-- The part before anything is left over, in the unit of the whole: 3 where 10 is
-- divided by a weight of 1 in 3. No weight is no part, also where nothing has any.
create temp macro whole_part(whole, weight, weights) as (
    case when weight = 0 then 0 else times_over(whole, weight, weights) end
);

-- What whole_part() cuts off, the remainder: in fractions of the sum of the weights, so
-- 1 (of 3) where 10 is divided by a weight of 1 in 3.
create temp macro fraction_part(whole, weight, weights) as (
    case when weight = 0 then 0 else times_left(whole, weight, weights) end
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

-- A part of a whole that is divided by weights, of which *up_to* have been counted with
-- this one: the parts telescope, so that they sum to the whole, whatever its sign.
-- Nothing if nothing has a weight.
create temp macro running_part(whole, up_to, weight, weights) as (
    coalesce(
        times_over(whole, up_to, nullif(weights, 0))
        - times_over(whole, up_to - weight, nullif(weights, 0)),
        0
    )
);
