"""Rules that hold in every procedure alike, asked of each of them (4.2, 6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from models.case import Kind
from models.forms import meaningful
from models.london import london
from models.people import Role
from models.reputation import Action
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from tests.core_help import away, office
from tests.lives_help import Life, life

each = pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)


def _inside(shape: Any) -> Iterator[type[BaseModel]]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield shape
    for part in get_args(shape):
        yield from _inside(part)


def _fields(form: type[BaseModel]) -> Iterator[str]:
    for name, field in form.model_fields.items():
        yield name
        for inner in _inside(field.annotation):
            yield from _fields(inner)


# --- SD7 ------------------------------------------------------------------------------------------

ADVISE = "it advises, or clears words or material to go out"
COURT = "it goes to the court, or reads what the court said"
NO_OUTCOME = "it decides nothing of the matter itself"
AFTERWARDS = "reconstructed: what is kept of a direction that has ended is read from the order"
LEGAL_DECIDES: dict[str, dict[str, str]] = {
    "employee_comments": {"E-15a": ADVISE},
    "corporate_reputation": {"R-06a": ADVISE},
    "court_proceedings": {"C-05": ADVISE, "C-05u": ADVISE, "C-16r": NO_OUTCOME},
    "court_directed_access": {
        "D-04a": ADVISE, "D-06": ADVISE, "D-07": COURT, "D-08": COURT, "D-09": COURT,
        "D-21a": AFTERWARDS, "D-21r": NO_OUTCOME, "D-24s": NO_OUTCOME,
    },
}  # fmt: skip
"""Every deciding act that Legal may take alone, with the reason why that leaves Legal advising."""


@each
def test_legal_alone_decides_only_what_legal_may(kind: type[Procedure]) -> None:
    may = {
        act.code
        for act in kind.acts.values()
        if act.decides and not act.together and {Role.LEG, Role.LDL} & set(act.who)
    }
    assert may - {"pause"} == set(LEGAL_DECIDES[kind.key])


# --- INV-1 ----------------------------------------------------------------------------------------


@each
def test_a_personal_account_that_is_owned_up_to_is_flagged(kind: type[Procedure]) -> None:
    assert "conduct" not in life(kind).case.case.flags
    assert "conduct" in life(kind, used_personal_account=True).case.case.flags


@each
def test_a_personal_account_owned_up_to_in_a_joined_report_is_flagged(
    kind: type[Procedure],
) -> None:
    play = life(kind)
    play.joined("fca-4", "case-2", play.form(used_personal_account=True))
    assert "conduct" in play.case.case.flags


# --- INV-5 ----------------------------------------------------------------------------------------

REMOVING = re.compile(r"\b(remove|delete|hide|erase|take down)\b", re.IGNORECASE)


@each
def test_nothing_is_removed_from_a_channel_of_our_own(kind: type[Procedure]) -> None:
    own = [act.label for act in kind.acts.values() if act.code.startswith(f"{kind.code}-")]
    responses = [one.replace("_", " ") for one in Action]

    assert own
    assert [one for one in (*own, *responses) if REMOVING.search(one)] == []


# --- INV-6 ----------------------------------------------------------------------------------------

AS_SHOWN = {"author_handle", "author_display_name"}
"""What stands on the platform for everybody to read, and nothing that leads to a person."""
KNOWN_ANYWAY: dict[str, set[str]] = {
    "employee_comments": {"author_known"},
    "corporate_reputation": set(),
    "court_proceedings": {
        "author_status", "author_represented", "author_solicitor", "author_colleague",
    },
    "court_directed_access": set(),
}  # fmt: skip
"""What the reporter knows already of an author; none of it need be found out."""
UNMASKING = re.compile(r"identif|unmask|real_name|who_is|trace|find_out", re.IGNORECASE)


@each
def test_no_form_and_no_act_asks_who_an_author_really_is(kind: type[Procedure]) -> None:
    forms = {kind.intake_form} | {act.form for act in kind.acts.values()}
    names = {name for form in forms for name in _fields(form)}
    words = [act.label for act in kind.acts.values()] + [task.label for task in kind.tasks]

    assert {name for name in names if "author" in name} <= AS_SHOWN | KNOWN_ANYWAY[kind.key]
    assert [one for one in (*names, *words) if UNMASKING.search(one)] == []


# --- INV-8 ----------------------------------------------------------------------------------------

SPEAKING = re.compile(r"\b(message|reply|contact|befriend|follow)\b", re.IGNORECASE)


@each
def test_no_act_of_a_procedure_built_here_speaks_to_anybody_on_social_media(
    kind: type[Procedure],
) -> None:
    own = [act.label for act in kind.acts.values() if act.code.startswith(f"{kind.code}-")]
    assert own
    assert [label for label in own if SPEAKING.search(label)] == []


# --- INV-14 ---------------------------------------------------------------------------------------


def _first_decision(kind: type[Procedure]) -> Life:
    play = life(kind)
    # The one act that decides and is open to administrators in every procedure from the start.
    assert play.act("hop-1", "reassign", role="LM", to="lm-2").outcome == "applied"
    return play


@each
def test_a_decision_names_its_person_role_reason_policy_and_both_times(
    kind: type[Procedure],
) -> None:
    play = _first_decision(kind)
    line = play.lines[-1]
    entry, policy = line.entry, play.opened.pins.policy

    assert entry.kind is Kind.APPLIED
    assert (entry.actor, entry.role) == ("hop-1", Role.SM)
    assert policy
    assert entry.policy == policy
    assert (entry.at, entry.london) == (play.now, london(play.now))
    assert entry.at.utcoffset() is not None
    assert meaningful(line.private.reason)


# --- INV-16 ---------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("same_as", [None, "case-0"])
def test_whoever_reports_is_told_that_it_arrived(
    kind: type[Procedure], same_as: str | None
) -> None:
    play = life(kind, same_as=same_as)
    assert play.here == "joined" if same_as else play.here != "joined"
    assert "receipt" in play.told("fca-1", play.entries[0])


@each
def test_whoever_reports_is_told_while_everybody_else_is_away(kind: type[Procedure]) -> None:
    people = office(absences=tuple(
        away(one, "2026-11-20", "2026-12-04") for one in ("lm-1", "hop-1", "hoc-1", "com-1")
    ))  # fmt: skip
    assert "receipt" in life(kind, people=people).told("fca-1")
