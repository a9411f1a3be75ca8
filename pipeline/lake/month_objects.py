"""Objects of months in a bucket: one takes the place of those of its days.

A bucket cannot replace several objects at once. So the new one is first where readers
of tables do not look; the days are removed; then it takes its place. A reader finds no
row twice, and `complete` ends what a machine that died has left.
"""

from collections.abc import Collection, Sequence

from pipeline.lake.objects import Objects

_MONTH = len("date=YYYY-MM")


class Months:
    """The months that are replaced in *objects*, whose *etags* are known.

    *pending* is the folder of those that are not at their places.
    """

    def __init__(self, objects: Objects, etags: dict[str, str], pending: str) -> None:
        self._objects = objects
        self._etags = etags
        self._pending = pending

    def replace(self, key: str, days: Sequence[str], content: bytes) -> None:
        """Let *content* be the object of *key*, and remove those of *days*.

        Raises:
            PipelineError: The bucket cannot be written to.
        """
        self._objects.put(f"{self._pending}/{key}", content, None)
        self._place(key, days, content)

    def complete(self, names: Collection[str] | None) -> None:
        """Complete what was interrupted, of the tenants *names* or of all.

        Raises:
            PipelineError: The bucket cannot be read or written to.
        """
        for one in list(self._objects.list(self._pending)):
            key = one.key.removeprefix(f"{self._pending}/")
            folder, day, _ = key.rsplit("/", 2)
            if names is not None and folder.partition("tenant=")[2] not in names:
                continue
            month = f"{folder}/{day[:_MONTH]}"
            found = {each.key: each.etag for each in self._objects.list(folder)}
            days = [each for each in found if each.startswith(month)]
            if key in found:
                self._etags[key] = found[key]
            if pending := self._objects.get(one.key):
                self._place(key, days, pending.content)

    def is_pending(self) -> bool:
        """Whether a machine is at it, or died."""
        return any(True for _ in self._objects.list(self._pending))

    def _place(self, key: str, days: Sequence[str], content: bytes) -> None:
        self._objects.delete([one for one in days if one != key])
        etag = self._objects.put(key, content, self._etags.get(key))
        self._etags[key] = etag
        self._objects.delete([f"{self._pending}/{key}"])
