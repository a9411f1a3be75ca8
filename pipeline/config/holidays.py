"""`report.holidays`: the public holidays of a country or a part of it.

The package is imported where they are asked for, and not to read the configuration:
that would take each command a tenth of a second more.
"""

from datetime import date
from types import ModuleType

from pipeline.errors import ConfigError

_CODE = 2  # signs, of the shorter of two codes


def check_holidays(written: str | None) -> None:
    """Accept a country of ISO 3166, like DE, and a part of it, like DE-BY.

    Raises:
        ConfigError: Its holidays are not known; the message says whose are.
    """
    if written is not None:
        _known(written)


def holidays(written: str | None, first: date, last: date) -> list[date]:
    """The holidays of *written* in the years of both days; none where it is None.

    Raises:
        ConfigError: Its holidays are not known; the message says whose are.
    """
    if written is None:
        return []
    country, part = _known(written)
    years = range(first.year, last.year + 1)
    return sorted(_package().country_holidays(country, subdiv=part, years=years))


def _known(written: str) -> tuple[str, str | None]:
    """The country and the part that *written* names."""
    country, _, part = written.partition("-")
    parts = _package().list_supported_countries()
    if country not in parts:
        codes = sorted(one for one in parts if len(one) == _CODE)
        near = [one for one in codes if one[0] == country[0]] or codes
        raise ConfigError(
            f"report.holidays: {written!r} is not a country whose holidays are known;"
            f" of those with {country[0]} are {', '.join(near)}"
        )
    if part and part not in parts[country]:
        raise ConfigError(
            f"report.holidays: {part!r} is not a part of {country} with holidays of its"
            f" own; expected {', '.join(parts[country]) or 'none'}"
        )
    return country, part or None


def _package() -> ModuleType:
    import holidays as package  # noqa: PLC0415

    return package
