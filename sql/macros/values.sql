-- What runs are worth: in 6000ths of a millionth of the currency, so that hundredths of
-- a minute at the price of an hour are whole numbers.
--
-- A run is worth up to 10^6, or 10^5 minutes of hours at 10^6, which is 10^19 of these;
-- times the runs of a month, up to 10^12 in ten-thousandths: 10^35.

-- A DECIMAL of at most two decimals as hundredths, a HUGEINT: 1.5 as 150.
create temp macro to_e2(minutes) as (
    cast(minutes * 100 as hugeint)
);

-- What a run is worth; null where no money is set.
create temp macro worth_of_run(amount_per_run, hourly_rate, minutes_per_run) as (
    coalesce(
        to_e6(amount_per_run) * 6000, to_e6(hourly_rate) * to_e2(minutes_per_run)
    )
);

-- The worth of runs in ten-thousandths, as an amount in whole minor units.
create temp macro worth_amount(worth_e4) as (
    from_minor(half_up(worth_e4, 60000000 * getvariable('micros_per_minor')))
);

-- Whether what is valid from and to these days is so on a day of the month of a day.
create temp macro is_in_month(of_month, valid_from, valid_to) as (
    last_day(of_month) >= valid_from
    and coalesce(date_trunc('month', of_month) <= valid_to, true)
);
