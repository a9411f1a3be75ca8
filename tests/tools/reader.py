"""Reads a warehouse as often as an argument says, for each line that it is sent.

Each read opens the file anew and compares what the tables say of each other. A line
comes after each round of reads: the days that they saw. An error ends it.
"""

import sys
from pathlib import Path

from pipeline import warehouse

# Each table is a file of its own, or in the warehouse: all are of one build.
_AGREES = """
select
  (select max(date) from usage_daily where runs > 0),
  (select sum(runs) from usage_daily),
  (select sum(runs) from automation_daily),
  (select count(*) from runs where (tenant, date) in (
    select (tenant, date) from reconciliation_daily
    where metric = 'runs' and listed is not null)),
  (select sum(listed) from reconciliation_daily where metric = 'runs'),
  (select sum(amount) from charges),
  (select sum(amount) from statement),
  (select sum(amount) from statement_lines)
"""


def main(path: Path, round_of: int) -> None:
    for _ in sys.stdin:
        seen = set()
        for _ in range(round_of):
            with warehouse.read(path, with_macros=False) as connection:
                answer = connection.execute(_AGREES).fetchone()
            day, daily, by_automation, runs, listed, *amounts = answer or ()
            assert daily == by_automation, answer
            assert runs == listed, answer
            assert len(set(amounts)) == 1, answer
            seen.add(str(day))
        print(*sorted(seen), flush=True)  # noqa: T201


main(Path(sys.argv[1]), int(sys.argv[2]))
