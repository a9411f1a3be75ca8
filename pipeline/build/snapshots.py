"""Snapshots that are stored as changes, as the tables that models read."""

from pipeline.lake import Table


def made_again(table: Table, stored: str) -> str:
    """The select of all rows of snapshots, of what the select *stored* has of them.

    A snapshot whose base is not there has none; who holds the lake to what was noted
    finds it.
    """
    columns = ", ".join(table.columns)
    of_base = ", ".join(f"base.{name}" for name in table.columns)
    same = " and ".join(f"base.{name} = other.{name}" for name in table.key)
    return (
        f"with stored as ({stored}),"
        " whole as (from stored where base_date is null),"
        " other as (select stored.* from stored semi join whole"
        " on stored.tenant = whole.tenant and stored.base_date = whole.date),"
        " days as (select distinct tenant, date, base_date from other)"
        f" select {columns}, tenant, date from whole"
        f" union all select {columns}, tenant, date from other"
        " where change != 'deleted'"
        f" union all select {of_base}, base.tenant, days.date from days"
        " inner join whole as base"
        " on base.tenant = days.tenant and base.date = days.base_date"
        " anti join other on base.tenant = other.tenant and days.date = other.date"
        f" and {same}"
    )
