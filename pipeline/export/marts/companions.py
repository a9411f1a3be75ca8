"""The files beside the marts: a README, a Qlik script, a Power BI note, dbt sources.

All of them are made of the marts' names and comments, so that they say what is there.
"""

import json
from collections.abc import Mapping, Sequence

from pipeline.export.marts.tables import Column, Mart

NAMES = ("README.md", "chargeback.qvs", "power-bi.md", "sources.yml")

_README = """\
# Chargeback marts

What Qlik Automate ran and what it costs, as Parquet files for other tools: one a table,
in types that all of them read (BIGINT, DOUBLE, DECIMAL(18,…), VARCHAR, BOOLEAN, DATE,
TIMESTAMP of UTC; lists as JSON text). The folder is replaced whole by each export: put
nothing of your own here.

| file | for |
|---|---|
| `chargeback.qvs` | Qlik: a load script with the meaning of each table and field |
| `power-bi.md` | Power BI: how to get the data |
| `sources.yml` | dbt: the tables as sources |
| `contract.json` | programs: tables, columns, types, meanings, and a version |

Amounts are in the currency that stands beside them. Sum `charges.amount` or
`statement.amount`, never both. A month whose `closed` is true changes no more.
"""

_QVS = """\
// The marts of chargeback. Each export replaces this file: include it, do not edit it.
//   SET vChargeback = 'lib://Chargeback/marts';
//   $(Must_Include=lib://Chargeback/marts/chargeback.qvs);
// Each field has the name of its table before its own, so that no two tables are
// joined by chance: name those fields alike by which yours shall be.
"""

_POWER_BI = """\
# Power BI

Get data, Blank query, Advanced editor: a query for each table that you need, such as

```text
let
    Folder = "C:\\chargeback\\marts",
    Source = Parquet.Document(File.Contents(Folder & "\\charges.parquet"))
in
    Source
```

* Leave decimals as Decimal number: Fixed decimal number keeps four decimals, and prices
  and quantities have six.
* Moments are of UTC, without a zone. Days are the tenant's metering days, of UTC too.
* Relate `owners`, `spaces` and `automations` to others by tenant and id together: ids
  are of one tenant. Make a column of both in each table, and relate that.
* Lists are JSON text: `Json.Document` reads them.

"""


def companions(marts: Sequence[Mart]) -> Mapping[str, str]:
    """The text of each file, by name."""
    contents = (_readme(marts), _qvs(marts), _power_bi(marts), _sources(marts))
    return dict(zip(NAMES, contents, strict=True))


def _readme(marts: Sequence[Mart]) -> str:
    return "\n".join([_README, *map(_described, marts)])


def _described(mart: Mart) -> str:
    rows = "".join(
        f"| `{one.name}` | {one.dtype} | {_cell(one.meaning)} |\n"
        for one in mart.columns
    )
    head = "| column | type | meaning |\n|---|---|---|\n"
    return f"## `{mart.file}`\n\n{mart.meaning}\n\n{head}{rows}"


def _qvs(marts: Sequence[Mart]) -> str:
    return "\n".join([_QVS, *(_load(mart) for mart in marts)])


def _load(mart: Mart) -> str:
    fields = ",\n".join(
        f"    {_field(one)} as [{mart.name}.{one.name}]" for one in mart.columns
    )
    comments = "\n".join(
        f"COMMENT FIELD [{mart.name}.{one.name}] WITH {_qlik(one.meaning)};"
        for one in mart.columns
        if one.meaning
    )
    return (
        f"[{mart.name}]:\nLOAD\n{fields}\n"
        f"FROM [$(vChargeback)/{mart.file}] (parquet);\n"
        f"COMMENT TABLE [{mart.name}] WITH {_qlik(mart.meaning)};\n{comments}\n"
    )


def _field(column: Column) -> str:
    """The field as it is read: days and moments as Qlik's own."""
    name = f"[{column.name}]"
    return {"DATE": f"Date({name})", "TIMESTAMP": f"Timestamp({name})"}.get(
        column.dtype, name
    )


def _qlik(text: str) -> str:
    """*text* as a string of Qlik's script, in which nothing is expanded."""
    return "'" + text.replace("$(", "$ (").replace("'", "''") + "'"


def _power_bi(marts: Sequence[Mart]) -> str:
    rows = "".join(f"| `{one.file}` | {_cell(one.meaning)} |\n" for one in marts)
    return f"{_POWER_BI}| file | holds |\n|---|---|\n{rows}"


def _sources(marts: Sequence[Mart]) -> str:
    """YAML, whose contents are written as JSON, which it holds too."""
    lines = [
        "version: 2",
        "",
        "sources:",
        "  - name: chargeback",
        "    description: What Qlik Automate ran and what it costs.",
        "    meta:  # where dbt-duckdb reads them; name your folder",
        "      external_location: \"{{ env_var('CHARGEBACK_MARTS') }}/{name}.parquet\"",
        "    tables:",
    ]
    for mart in marts:
        lines += [
            f"      - name: {mart.name}",
            f"        description: {_json(mart.meaning)}",
            "        columns:",
        ]
        for one in mart.columns:
            lines += [
                f"          - name: {_json(one.name)}",
                f"            data_type: {_json(one.dtype)}",
                f"            description: {_json(one.meaning)}",
            ]
    return "\n".join(lines) + "\n"


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
