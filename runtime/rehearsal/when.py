"""Instants as a story writes them: London time, or so long after the step above."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from models.errors import BadInput
from models.london import parse_london
from models.working_time import working_time
from policy import calendar

_UNITS = {"h": timedelta(hours=1), "min": timedelta(minutes=1), "s": timedelta(seconds=1)}
_RELATIVE = re.compile(r"([+-]) ?(\d+) ?(wh|wmin|h|min|s)")


def is_relative(text: str) -> bool:
    """Whether a text is a length of time from somewhere: "+2wh", "-10min", "+1s"."""
    return _RELATIVE.fullmatch(text.strip()) is not None


def instant(text: object, last: datetime | None) -> datetime:
    """The UTC instant of "2026-11-27 16:45" (London), or of "+2wh" after `last`.

    Working hours are those of the policy's calendar; a holiday that the story itself proclaims does
    not count. Raises BadInput.
    """
    if not isinstance(text, str):
        raise BadInput('Write a time: "2026-11-27 16:45" (London), or "+2wh" after the step above.')
    found = _RELATIVE.fullmatch(text.strip())
    if found is None:
        return parse_london(text)
    if last is None:
        raise BadInput("There is nothing before it to count from; write a whole time.")
    return _shifted(last, found[1] == "-", int(found[2]), found[3])


def _shifted(last: datetime, back: bool, number: int, unit: str) -> datetime:  # noqa: FBT001
    length = number * _UNITS[unit.removeprefix("w")]
    if not unit.startswith("w"):
        return last - length if back else last + length
    hours = working_time(calendar())
    return hours.subtract(last, length) if back else hours.add(last, length)
