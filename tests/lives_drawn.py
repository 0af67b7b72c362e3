"""What the lives at random are drawn from: people, forms, lengths of time, organisations."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from models.directory import Directory
from models.people import Role
from tests.core_help import HOUR, MINUTE, away, lent, office

DAY = timedelta(days=1)
PEOPLE = (
    "fca-1", "fca-2", "fca-3", "lm-1", "lm-2", "hop-1", "ad-1", "com-1", "com-2", "hoc-1", "leg-1",
    "ldl-1", "safe-1", "hrbp-1", "hsi-1", "ig-1", "onc-1", "doc-1", "adm-1", "aud-1", "contr-1",
    "left-1", "nobody-1",
)  # fmt: skip
REPORTERS = (
    "fca-1",
    "fca-1",
    "fca-2",
    "lm-1",
    "com-1",
    "hoc-1",
    "leg-1",
    "hrbp-1",
    "ad-1",
    "safe-1",
)
COMMON: dict[str, tuple[dict[str, Any], ...]] = {
    "reassign": (
        {"role": "LM", "to": "lm-2"}, {"role": "COM", "to": "com-3"}, {"role": "PR", "to": "fca-2"},
        {"role": "PR", "to": "com-1"}, {"role": "LEG", "to": "ldl-1"}, {"role": "LM", "to": "gone-1"},
        {"role": "HRBP", "to": "lm-1"}, {"role": "HOC", "to": "com-1"}, {"role": "SAFE", "to": "lm-1"},
    ),
    "declare_conflict": (
        {}, {"person": "lm-1"}, {"person": "leg-1"}, {"person": "com-1"}, {"person": "hrbp-1"},
        {"person": "hoc-1"}, {"person": "safe-1"}, {"person": "fca-1"},
    ),
    "ask_information": tuple(
        {"to": role, "question": "Which of the two posts is meant by it?"}
        for role in ("LEG", "SYS", "COM", "AFF", "PR", "REP")
    ),
    "refer": tuple({"to": to} for to in ("C", "D", "E", "I", "M", "R", "U", "COMPLAINT", "PRESS")),
}  # fmt: skip
NONSENSE: tuple[dict[str, Any], ...] = (
    {}, {"conclusion": 3}, {"because": [], "unheard_of": "\x00"}, {"act": "nothing"}, {"decision": "d1"},
    {"duty": "emergency", "why": "waiting_for_police"}, {"to": "U"}, {"other": "case-1"},
)  # fmt: skip
TIMES = (MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, DAY, 3 * DAY, 7 * DAY, 21 * DAY)


@cache
def organisations() -> tuple[Directory, ...]:
    """The example organisation, and what may happen to it."""
    return (
        office(),
        office(absences=(away("lm-1", "2026-11-23", "2026-12-04", "lm-2"),)),
        office(absences=(away("hop-1", "2026-11-24", "2026-12-04"), away("leg-1", "2026-11-23", "2027-01-08"))),
        office(absences=(away("lm-1", "2026-11-24", "2026-11-27"), away("fca-1", "2026-11-24", "2026-12-30"))),
        office(absences=(away("hrbp-1", "2026-11-24", "2026-11-27"), away("hoc-1", "2026-11-23", "2026-12-30"))),
        office(delegations=(lent("lm-1", "hop-2", Role.LM, first="2026-11-23", last="2026-12-11"),)),
        office(people={"hop-1": {"roles": (Role.COM, Role.LEG)}, "lm-1": {"roles": (Role.LEG,)}}),
        office(people={"lm-1": {"roles": (Role.COM, Role.SAFE)}, "ad-1": {"roles": (Role.AD, Role.COM)}}),
        office(people={"com-1": {"left_on": "2026-11-24"}, "fca-1": {"left_on": "2026-11-27"}}),
    )  # fmt: skip
