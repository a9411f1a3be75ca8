"""The files of the lake that a bucket has; what else it has is left alone."""

import logging
import re
from collections.abc import Collection, Iterable, Iterator

from pipeline.lake import tenants
from pipeline.lake.objects import Listed, Objects

log = logging.getLogger(__name__)

_FILE = re.compile(
    r"([A-Za-z]\w*)/tenant=[A-Za-z0-9_-]{1,64}/[a-z]+=[0-9-]{4,10}/\1\.parquet"
)
_OTHER = re.compile(r"(.*/)?[._][^/]*(/.*)?|.*\.parquet\.damaged-[0-9a-f]+")


def listed_files(
    objects: Objects, tables: Iterable[str], names: Collection[str] | None
) -> Iterator[Listed]:
    """The files of the lake among *objects*; others are named, and left alone.

    If *names* are given, only of these tenants, whose *tables* are looked into.

    Raises:
        PipelineError: They cannot be listed.
    """
    if names is None:
        for one in objects.list():
            if one.key == tenants.FILE or _FILE.fullmatch(one.key):
                yield one
            elif not _OTHER.fullmatch(one.key):
                log.warning(
                    "%s/%s: not a file of the lake, left alone", objects.url, one.key
                )
        return
    if known := objects.get(tenants.FILE):
        yield Listed(tenants.FILE, known.etag, len(known.content))
    for folder in (f"{one}/tenant={name}" for one in tables for name in names):
        for one in objects.list(folder):
            if _FILE.fullmatch(one.key):
                yield one
