-- Units of quantities and money. Quantities in ten-thousandths (_e4), amounts in micros
-- (millionths of the currency) and minor units (cents, yen, fils) are whole numbers
-- of up to 38 digits, so that nothing is lost on the way.
--
-- The bounds that they are made for: an amount of money up to 10^15, and 10^18 in sum,
-- which is 10^24 in millionths; a quantity up to 10^18 base units, and 10^21 in sum,
-- which is 10^25 in ten-thousandths. The finance files are refused beyond the first.
-- The largest product is a price (in millionths) times a quantity, which is an amount
-- times base_per_unit (10^9 bytes) times 10^4: 10^37, and twice that for rounding.
-- Where two quantities are multiplied, or a quantity and an amount: times_over().
--
-- An amount is a DECIMAL(30, 3), or (33, 6) where it is not rounded to minor units: 27
-- digits before the point in both, so that where they meet in a union, a comparison or
-- coalesce() there is room for the finer of the two. Of a DECIMAL(38, 3) and a
-- DECIMAL(18, 6) DuckDB makes a DECIMAL(38, 3), and rounds the latter without a word.

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

-- Minor units as an amount of the currency, DECIMAL(30, 3): 150 cents as 1.500.
create temp macro from_minor(minor_units) as (
    cast(
        cast(
            minor_units * (getvariable('micros_per_minor') // 1000) as decimal(38, 0)
        ) * 0.001 as decimal(30, 3)
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

-- An amount of the currency, DECIMAL(30, 3).
create temp macro to_amount(amount) as (
    cast(amount as decimal(30, 3))
);

-- The amount of a part, in whole minor units: what it adds to the rounded sum of the
-- parts so far, *up_to*, so that all come to their rounded sum.
create temp macro whole_minor_part(up_to, part) as (
    to_amount(whole_minor(up_to) - whole_minor(up_to - part))
);

-- An amount where prices are set, of which nothing charged is a true zero; else null.
create temp macro amount_if_priced(amount) as (
    case
        when getvariable('priced_currency') is not null
            then to_amount(coalesce(amount, 0))
    end
);

-- A share or a change, to read and never to book: DECIMAL(33, 6), null of nothing.
create temp macro to_ratio(part, whole) as (
    cast(part / nullif(whole, 0) as decimal(33, 6))
);

-- Seconds as hours and bytes as GB, rounded for an axis.
create temp macro to_hours(seconds) as (
    cast(seconds / 3600 as decimal(30, 3))
);

create temp macro to_gb(bytes) as (
    cast(bytes / 1000000000 as decimal(30, 3))
);

-- A sum that is unknown, null, where one of its parts is; as an aggregate.
create temp macro sum_of_known(part) as (
    case when count(part) = count(*) then sum(part) end
);

-- A sum over days of what listed runs tell: null where no day with runs knows it. A day
-- without runs is 0, and so are days that are all without runs; as an aggregate.
create temp macro sum_of_listed(part, day_runs) as (
    case when sum(day_runs) = 0 then 0 else sum(part) filter (where day_runs > 0) end
);

-- A sum that is 0 where there is no row and that is known, else null; an aggregate.
-- Each row of what is summed up has a value of *always_there*.
create temp macro sum_or_zero(part, always_there, is_known) as (
    case when count(always_there) = 0 and is_known then 0 else sum(part) end
);

-- What the quantities of a day cost, at prices in 10^-15ths of a millionth: a sum.
create temp macro amount_of_day(base_e4, price) as (
    cast(
        from_e6(half_up(coalesce(sum(base_e4 * price), 0), 1000000000000000))
        as decimal(33, 6)
    )
);
