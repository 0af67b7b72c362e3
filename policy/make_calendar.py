"""Write the two calendar files again: `python -m policy.make_calendar` (developers, once a year).

The holidays come from the `holidays` package; what it says is then checked by tests against the
published lists, and the files are committed. A running service reads only the files.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import holidays

FIRST, LAST = 2018, 2030
FOLDER = Path(__file__).parent / "calendar"

# The package's words on the left; on the right, the usual English ones.
_WORDS: Final = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
    "New Year Holiday": "2nd January",
    "Saint Andrew's Day": "St Andrew's Day",
    "Saint Patrick's Day": "St Patrick's Day",
    "Battle of the Boyne": "Battle of the Boyne (Orangemen's Day)",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee of Queen Elizabeth II",
    "Coronation of Charles III": "Coronation of King Charles III",
    "Scotland's participation in the FIFA World Cup final": "Scotland at the football World Cup",
}
_PARTS: Final = {"SCT": "Scotland", "NIR": "Northern Ireland"}

_ENGLAND = """\
# Bank holidays in England and Wales that fall on a weekday (policy analysis 3.1, 3.3).
# Made by `python -m policy.make_calendar`; a test checks them against the published lists.
# Years after 2028 are worked out from the standing rules: a special holiday is added by hand, with
# a higher version, when it is proclaimed.
"""
_KINGDOM = """\
# Weekday holidays elsewhere in the United Kingdom that are working days in England and Wales.
# They count for freedom of information only (policy analysis 3.2, 3.3; L).
# Made by `python -m policy.make_calendar`; a test checks them against the published lists.
"""


def main() -> None:
    """Write both files; the version is raised by hand when the content changes."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "england-and-wales.yaml").write_text(england_and_wales(), encoding="utf-8")
    (FOLDER / "united-kingdom.yaml").write_text(united_kingdom(), encoding="utf-8")


def england_and_wales() -> str:
    """The text of england-and-wales.yaml."""
    return _ENGLAND + _head("england-and-wales-2026.1", "L") + _rows(weekdays("ENG"))


def united_kingdom() -> str:
    """The text of united-kingdom.yaml: only what England and Wales do not have."""
    at_home = weekdays("ENG")
    extra = {
        day: f"{name}, {part}"
        for code, part in _PARTS.items()
        for day, name in weekdays(code).items()
        if day not in at_home
    }
    return _KINGDOM + _head("united-kingdom-2026.1", "L") + _rows(extra)


SATURDAY = 5


def weekdays(part: str) -> dict[date, str]:
    """The holidays of one part of the kingdom from Monday to Friday, by date."""
    found = holidays.country_holidays("GB", subdiv=part, years=range(FIRST, LAST + 1))
    return {day: _plain(name) for day, name in sorted(found.items()) if day.weekday() < SATURDAY}


def _plain(name: str) -> str:
    base, observed, _ = name.partition(" (observed)")
    return _WORDS.get(base, base) + (" (substitute)" if observed else "")


def _head(version: str, mark: str) -> str:
    return (
        f"version: {version}\nfirst_day: {FIRST}-01-01\nlast_day: {LAST}-12-31\n"
        f"mark: {mark}\nsource: bank holidays as published by the government\nholidays:\n"
    )


def _rows(days: dict[date, str]) -> str:
    return "".join(f'  {day}: "{name}"\n' for day, name in sorted(days.items()))


if __name__ == "__main__":  # pragma: no cover
    main()
