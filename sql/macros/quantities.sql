-- Units of quantities and money. Quantities in ten-thousandths (_e4), amounts in micros
-- (millionths of the currency) and minor units (cents, yen, fils) are whole numbers
-- of up to 38 digits, so that nothing is lost on the way.

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
    cast(seconds / 3600 as decimal(18, 3))
);

create temp macro to_gb(bytes) as (
    cast(bytes / 1000000000 as decimal(18, 3))
);

-- A sum that is unknown, null, where one of its parts is; as an aggregate.
create temp macro sum_of_known(part) as (
    case when count(part) = count(*) then sum(part) end
);

-- A sum of which there are so many rows: of none it is 0 if that is known, else null.
create temp macro or_zero(total, row_count, is_known) as (
    case when row_count = 0 and is_known then 0 else total end
);
