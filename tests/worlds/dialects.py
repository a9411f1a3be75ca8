"""Queries that DuckDB and Spark have to answer alike, one or more a rule."""

VARIABLES = """
set variable as_of = date '2026-03-01';
set variable first_days = map {'acme': date '2026-01-05', 'it''s': null};
set variable first_day = cast(null as date);
set variable micros_per_minor = 10000;
set variable lost_days = [{'tenant': 'a', 'day': date '2026-01-01'}];
"""

_NUMBERS = "(values (9223372036854775807), (-9223372036854775807), (-7), (0), (null))"
_TIMES = """(values
    (timestamp '2026-01-31 23:59:59.999999', timestamp '2026-02-01 00:00:00'),
    (timestamp '2026-02-01 00:00:00.5', timestamp '2026-01-31 00:00:01'),
    (timestamp '2024-02-29 00:00:00', timestamp '2026-02-28 12:00:00.000001'),
    (timestamp '2026-02-01 00:00:00', null)
)"""
_DAYS = "(values " + ", ".join(f"(date '2026-02-{n:02}')" for n in range(22, 29)) + ")"
_PAIRS = "(values ('x', 3), ('\u00e9', 1), (null, 0), ('Z', null), ('x', 2), ('a', 9))"
_SPACES = (
    "(values ('\u00a0\u3000 a\u2003b \u202f'), (' '), ('\ta '), ('\u200bc'), (''))"
)

CASES = {
    "wide_integer": "select cast(x as hugeint) * 10000000000 as y"
    f" from {_NUMBERS} t(x)",
    "total": f"select sum(x) as y, sum(-1) filter (where x > 0) as z from {_NUMBERS}"
    f" t(x) union all select sum(x), sum(x) from {_NUMBERS} t(x) where x > 0",
    "whole_quotient": "select x // 7 as a, -x // 7 as b, x // -2 as c, x % 7 as d,"
    " cast(x as hugeint) * 1000000000000 // 3 as e,"
    f" (x // 10 - x // 3) // 2 * 5 as f from {_NUMBERS} t(x)",
    "quotient": "select x / 2 as a, x / 3 * 3 as b, cast(x as decimal(38, 0)) / 7 as c"
    f" from {_NUMBERS} t(x) where x < 9",
    "whole_number": "select cast(x > 0 as int) as a, cast(x as bigint) as b"
    f" from {_NUMBERS} t(x)",
    "weekday": f"select x, dayofweek(x) as a from {_DAYS} t(x)",
    "iso_weekday": f"select x, isodow(x) as a from {_DAYS} t(x)",
    "median": f"select median(cast(y as double)) as a from {_PAIRS} t(x, y)",
    "quantile": "select quantile_disc(y, 0.5) as a, quantile_disc(y, 0.9) as b,"
    f" quantile_disc(x, 0.2) as c from {_PAIRS} t(x, y) union all"
    f" select quantile_disc(x, 0.7), quantile_disc(x, 0.0), null from {_NUMBERS} t(x)",
    "ordered_list": "select list(x order by y) as a, list(x order by y desc) as b,"
    f" list(y order by x, y) as c from {_PAIRS} t(x, y)",
    "elapsed": "select "
    + ", ".join(
        f"date_sub('{unit}', a, b) as {unit}s"
        for unit in ("microsecond", "millisecond", "second", "minute", "hour", "day")
    )
    + f" from {_TIMES} t(a, b)",
    "boundaries": "select "
    + ", ".join(
        f"date_diff('{unit}', a, b) as {unit}s"
        for unit in ("second", "minute", "hour", "day", "month", "year")
    )
    + f" from {_TIMES} t(a, b)",
    "utc_time": "select cast(x as timestamptz) at time zone 'UTC' as a from (values"
    " ('2026-01-01 00:30:00+02:00'), ('2026-01-01 00:00:00-09:30')) t(x)",
    "micros": "select epoch_us(cast(x as timestamptz)) as a from (values"
    " ('2026-01-01 00:30:00.123456+02:00'), ('1969-12-31 23:59:59.999999Z'),"
    " (null)) t(x)",
    "time_of_micros": "select make_timestamp(x) as a from (values (1767225600000001),"
    " (-1), (-62135596800000000), (null)) t(x)",
    "trimmed": f"select x, trim(x) as a from {_SPACES} t(x)",
    "least_or_most": "select min_by(x, y) as a, max_by(x, y) as b,"
    f" min_by(y, x) as c, max_by(y, x) as d from {_PAIRS} t(x, y)",
    "sign": f"select x, sign(x) as a, sign(x) * 2 as b from {_NUMBERS} t(x)",
    "named_window": "select x, y, sum(y) over w as a, row_number() over ("
    " w order by y desc) as b, count(*) over v as c, min(y) over ("
    f" v rows between 1 preceding and current row) as d from {_PAIRS} t(x, y)"
    " window w as (partition by x), v as (order by y, x)",
    "by_name": f"select x, y, 1 as z from {_PAIRS} t(x, y) union all by name"
    f" select y, 'q' as w, x from {_PAIRS} t(x, y)",
    "macro": "select whole_part(x, y, 12) as a, fraction_part(x, y, 12) as b,"
    " largest_remainder(x, y, 2) as c, half_up(x, 2) as d, half_up(x, y) as e"
    " from (values (9223372036854775806, 7), (-7, 5), (5, 12), (-5, 2)) t(x, y)",
    "variable": "select x, first_day_of(x) as a, getvariable('as_of') as b,"
    " getvariable('micros_per_minor') as c, getvariable('nothing') as d"
    " from (values ('acme'), ('it''s'), ('other')) t(x)",
    "what both have": "select x, x is null as i, left(x, 1) as a, nullif(x, 'x') as b,"
    " max(y) as c, greatest(min(y), 2) as d, least(null, count(y)) as e,"
    " cast(date_trunc('month', date '2026-02-03' + interval 1 month) as date) as f,"
    " count(*) filter (where y > 1) as g, case x when 'x' then 1 end as h"
    f" from {_PAIRS} t(x, y) group by all",
    "qualify": f"select x, y from {_PAIRS} t(x, y) where y is not null"
    " qualify row_number() over (partition by x order by y desc) = 1",
    "alias": f"select y + 1 as a, a * 2 as b, b is null as c from {_PAIRS} t(x, y)",
}

REFUSED = [
    "cast(a / b as int)",
    "cast(a as varchar)",
    "chr(a)",
    "date_sub('month', date '2026-01-31', date '2026-02-28')",
    "date_diff('week', date '2026-01-31', date '2026-02-28')",
    "getvariable('lost_days')[1]",
    "hash(a)",
    "list(a)",
    "list(a order by a, b desc)",
    "ltrim('x')",
    "median(a)",
    "no_such_function(a)",
    "strftime(date '2026-01-01', '%Y')",
    "sum(distinct a)",
    "timestamptz '2026-01-01' at time zone 'Europe/Berlin'",
    "trim('x', 'y')",
]
