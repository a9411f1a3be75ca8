-- Two things that each hold from a day on (from) until another one (until, when they no
-- longer do). What is not known (null) holds always.

-- Whether they hold together on any day.
create temp macro have_days_in_common(from_a, until_a, from_b, until_b) as (
    (from_a is null or until_b is null or from_a < until_b)
    and (from_b is null or until_a is null or from_b < until_a)
);

-- Whether what holds until a day holds now, and from then on.
create temp macro still_holds(until_day) as (
    until_day = cast('9999-12-31' as date)
);

-- Whether what holds from a day until another holds at the end of the month of a day.
create temp macro at_month_end(in_month, from_day, until_day) as (
    last_day(in_month) >= from_day and last_day(in_month) < until_day
);

-- The first day on which both hold, and the first on which they no longer do.
create temp macro common_from(from_a, from_b) as (
    greatest(from_a, from_b, cast('0001-01-01' as date))
);

create temp macro common_until(until_a, until_b) as (
    least(until_a, until_b, cast('9999-12-31' as date))
);

-- Two moments and the midnights between them, the second included; hardly ever any.
create temp macro ends_and_midnights(began_at, ended_at) as (
    case
        when date_trunc('day', ended_at) > began_at
            then
                [began_at, ended_at]
                || generate_series(
                    date_trunc('day', began_at) + interval 1 day,
                    ended_at,
                    interval 1 day
                )
        else [began_at, ended_at]
    end
);
