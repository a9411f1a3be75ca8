-- What days to come cost.

-- Whether a day is a public holiday, where the configuration names a country.
create temp macro is_holiday(on_day) as (
    coalesce(list_contains(getvariable('holidays'), on_day), false)
);

-- What a holiday costs: the part of an ordinary day that earlier holidays of the tenant
-- had, of which the first counts as one half way to the quietest day of the week.
create temp macro amount_on_holiday(ordinary, quietest, holidays, ratio) as (
    least(
        ordinary,
        cast(
            (holidays * ratio * ordinary + (ordinary + quietest) / 2) / (holidays + 1)
            as decimal(33, 6)
        )
    )
);

-- A part of a whole, at least 0.9 and at most 1.1; 1 of nothing.
create temp macro within_tenth(part, whole) as (
    case when whole > 0 then least(greatest(part / whole, 0.9), 1.1) else 1 end
);
