"""Months that are made together."""

from collections.abc import Callable, Iterator, Sequence

from pipeline.build.by_month.repeated import TenantMonth


def batches(
    months: Sequence[TenantMonth], size_of: Callable[[TenantMonth], int], most: int
) -> Iterator[list[TenantMonth]]:
    """*months* in batches of at most so many bytes, but of at least one month."""
    batch: list[TenantMonth] = []
    size = 0
    for month in months:
        own = size_of(month)
        if batch and size + own > most:
            yield batch
            batch, size = [], 0
        batch.append(month)
        size += own
    if batch:
        yield batch
