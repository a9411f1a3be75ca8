"""`report.holidays`: the public holidays of a country or a part of it."""

from datetime import date
from pathlib import Path
from types import ModuleType

from pipeline.errors import ConfigError


def check_holidays(path: Path, written: str | None) -> None:
    """Accept a country of ISO 3166, like DE, and a part of it, like DE-BY.

    Raises:
        ConfigError: Its holidays are not known; the message says whose are.
    """
    if written is None:
        return
    country, _, part = written.partition("-")
    parts = _package().list_supported_countries()
    if country not in parts:
        near = [one for one in sorted(parts) if len(one) == 2 and one[0] == country[:1]]  # noqa: PLR2004
        known = f"; with {country[0]} begin {', '.join(near)}" if near else ""
        raise ConfigError(
            f"{path}: report.holidays: {written!r} is not a country like"
            f' "DE", or a part of one like "DE-BY"{known}'
        )
    if "-" in written and part not in parts[country]:
        known = ", ".join(parts[country])
        raise ConfigError(
            f"{path}: report.holidays: {part!r} is not a part of {country};"
            f" expected {f'one of {known}' if known else country}"
        )


def holidays(written: str | None, first: date, last: date) -> list[date]:
    """The holidays of *written* in the years of both days; none where it is None."""
    if written is None:
        return []
    country, _, part = written.partition("-")
    years = range(first.year, last.year + 1)
    days = _package().country_holidays(country, subdiv=part or None, years=years)
    return sorted(days)


def _package() -> ModuleType:
    """The package, whose import takes longer than all else of the configuration."""
    import holidays as package  # noqa: PLC0415

    return package
