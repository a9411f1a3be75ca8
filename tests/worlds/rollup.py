"""Two tenants whose cost centres are above and below each other."""

from datetime import date

from worlds.report import Names

OCTOBER = date(2026, 10, 1)
TENANTS = (Names(), Names(tenant="globex"))

# Four levels; the company and IT have no statement of their own.
PARENTS = """\
Company <
IT < Company
CC-300 Operations < IT
CC-100 < CC-300
CC-200 Sales < Company
"""
