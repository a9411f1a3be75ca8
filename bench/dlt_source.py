"""Runs from HTTP to Parquet by dlt's REST source: rows, CPU seconds and peak memory.

It is run by a Python of its own, which has dlt and not this project:
`dlt_source.py URL KEY IDS FOLDER`, where IDS is a file with an id a line.
"""

import json
import os
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def links(paginators: Any) -> Any:
    """dlt's paginator of links, to which an empty link is the end."""
    base = paginators.JSONLinkPaginator

    def update_state(self: Any, response: Any, data: Any = None) -> None:
        base.update_state(self, response, data)
        if not self._next_reference:
            self._next_reference = None

    kind = type("Links", (base,), {"update_state": update_state})
    return kind(next_url_path="links.next.href")


def main() -> None:
    """Load all runs of the ids, and print what it took as JSON."""
    url, key, ids, folder = sys.argv[1:]
    os.environ.update(
        RUNTIME__DLTHUB_TELEMETRY="false",
        DLT_DATA_DIR=f"{folder}/dlt",
        RUNTIME__LOG_LEVEL="ERROR",
    )
    dlt: Any = import_module("dlt")
    rest_api: Any = import_module("dlt.sources.rest_api")
    paginators = import_module("dlt.sources.helpers.rest_client.paginators")
    names = Path(ids).read_text(encoding="utf-8").split()

    automations = dlt.resource([[{"id": one} for one in names]], name="automations")
    source = rest_api.rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": key},
                "paginator": links(paginators),
            },
            "resources": [
                automations,
                {
                    "name": "runs",
                    "primary_key": "id",
                    "include_from_parent": ["id"],
                    "endpoint": {
                        "path": "api/workflows/automations/{id}/runs",
                        "data_selector": "data",
                        "params": {
                            "limit": 200,
                            "id": {
                                "type": "resolve",
                                "resource": "automations",
                                "field": "id",
                            },
                        },
                    },
                },
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench", destination=dlt.destinations.filesystem(f"file://{folder}/lake")
    )
    pipeline.run(source.with_resources("runs"), loader_file_format="parquet")
    rows = pipeline.last_trace.last_normalize_info.row_counts["runs"]
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    # Not its maxrss, which begins with that of the process that has begun it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(status.partition("VmHWM:")[2].split()[0])
    print(json.dumps([rows, seconds, max(peak, used[1].ru_maxrss) / 1024]))


if __name__ == "__main__":
    main()
