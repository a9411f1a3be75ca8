-- Amounts in a second currency, for display: converted once a statement, and divided
-- among its lines so that they sum to it.
--
-- An amount is up to 10^18, which is 10^21 in thousandths, and a rate below 10^8, which
-- is 10^18 in its ten decimals; their product has 39 digits: times_over().

-- A rate in ten decimals as a whole number, a HUGEINT: 1.5 as 15000000000.
create temp macro rate_e10(rate) as (
    cast(cast(rate as decimal(18, 10)) * 10000000000 as hugeint)
);

-- What is divided by to get minor units, of which the currency has so many digits, of
-- an amount in thousandths times a rate in ten decimals.
create temp macro per_unit(digits) as (
    cast(pow(10, 13 - digits) as hugeint)
);

-- An amount at a rate in whole minor units of the other currency, cut towards zero, and
-- what is cut off, which has the sign of the amount and is less than per_unit().
create temp macro units_cut(amount, rate, digits) as (
    times_over(to_e6(amount) // 1000, rate_e10(rate), per_unit(digits))
);

create temp macro units_left(amount, rate, digits) as (
    times_left(to_e6(amount) // 1000, rate_e10(rate), per_unit(digits))
);

-- Whole minor units as an amount of their currency, DECIMAL(30, 3), and back.
create temp macro from_units(units, digits) as (
    cast(
        cast(units * cast(pow(10, 3 - digits) as hugeint) as decimal(38, 0)) * 0.001
        as decimal(30, 3)
    )
);

create temp macro to_units(amount, digits) as (
    to_e6(amount) // cast(pow(10, 6 - digits) as hugeint)
);

-- An amount at a rate, rounded half away from zero to the other currency's minor unit.
create temp macro converted(amount, rate, digits) as (
    from_units(
        units_cut(amount, rate, digits)
        + case
            when 2 * abs(units_left(amount, rate, digits)) >= per_unit(digits)
                then sign(amount)
            else 0
        end,
        digits
    )
);

-- What a line shows of a statement that is converted as a whole: its own amount in
-- units, cut, and what is then missing of the statement (or too much, below 0) unit by
-- unit to the largest remainders of that sign, then by the order of lines. The ranks
-- are by remainder, from the largest and from the lowest on. So a credit note is the
-- statement with the other sign, line by line.
create temp macro converted_line(
    cut, missing, rank_from_largest, rank_from_lowest, digits
) as (
    from_units(
        case
            when missing < 0 then -largest_remainder(-cut, -missing, rank_from_lowest)
            else largest_remainder(cut, missing, rank_from_largest)
        end,
        digits
    )
);

-- A sum of amounts for display: unknown, null, unless each of them is known, and all
-- are of one currency, which is then the first and the last.
create temp macro sum_if_known(total, are_known, first_currency, last_currency) as (
    case when are_known and first_currency = last_currency then to_amount(total) end
);

-- The same as an aggregate.
create temp macro sum_displayed(amount, currency) as (
    sum_if_known(
        sum(amount), count(amount) = count(*), min(currency), max(currency)
    )
);
