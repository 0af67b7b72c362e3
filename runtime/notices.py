"""The words of a notice: what happened, what to do, by when, why and where; nothing else.

A notice leaves the service by mail, so it carries no name and nothing of the form: the plain name
of a step, task or act, an instant in London time, a clause, and the opaque reference of the case.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from activities.outbox import Notice
from models.london import london
from policy import book
from procedures.common import EMERGENCY, SAFEGUARDING

MARKING: Final = "OFFICIAL-SENSITIVE"
"""The Government Security Classification that every notice bears."""

CALL_999: Final = "If somebody is in danger now, call 999 first. The case can wait for that."

_PART: Final = 'Your part in "{about}". The case shows what you may choose.'
_NOW: Final = "At once, at any hour."
_NOTHING: Final = "Nothing is asked of you now."


class Words(NamedTuple):
    """The words for one code. `{about}` stands for the plain name of a step, task or act."""

    subject: str
    happened: str
    do: str
    when: str = ""
    """Said instead of the due instant."""
    passed: bool = False
    """The notice says that the due instant was missed, not that it is to be kept."""


WORDS: Final[dict[str, Words]] = {
    "to_do": Words("Something for you to do", "Work in a case came to you.", _PART),
    "reminder": Words("A deadline comes nearer", "Work of yours is still open.", _PART),
    "overdue": Words(
        "A deadline has passed", "The time for work of yours has passed.", _PART, passed=True
    ),
    "yours_now": Words(
        "Work has moved to you",
        "Whoever had this before you let its deadline pass. It is yours now, with time of its own.",
        _PART,
    ),
    "no_longer_yours": Words(
        "Work has moved on from you",
        'The deadline for "{about}" passed, and it moved to the next person.',
        "Nothing. What you decide now is not applied; it is kept for the person who has it.",
        "Nothing is due from you any more.",
    ),
    "told_overdue": Words(
        "A deadline of somebody else's has passed",
        'The deadline for "{about}" passed. It is not yours; you are told so that somebody knows.',
        "Look at the case and judge whether help is needed.",
        "No time is set.",
    ),
    "told": Words(
        "Something happened in a case",
        'This happened in a case that concerns you: "{about}".',
        "Look at the case. What it asks of you, if anything, is in your inbox.",
        "No time is set by this notice.",
    ),
    "agree_too": Words(
        "Somebody waits for your agreement",
        'Somebody agreed to this: "{about}". It takes effect when you agree to the same.',
        "Read what was agreed to. Then agree to it, or tell them why you do not.",
        "No time is set by this notice.",
    ),
    "late_view": Words(
        "A late decision waits for your view",
        'A decision on "{about}" came too late. It was not applied; it is kept for you.',
        "Read it before you decide. You may make it your own, or decide otherwise.",
    ),
    "due_moved": Words(
        "A deadline has moved to later",
        "The calendar changed, so a deadline of yours is later than it was.",
        _PART,
    ),
    "calendar_too_short": Words(
        "A calendar has run out",
        "A deadline of a case cannot be worked out: its calendar ends too soon. The case rests.",
        "Bring a longer calendar to the case; its deadlines then run on.",
        "Before the next working day.",
    ),
    "receipt": Words(
        "Your form has arrived",
        'Your form was received and a case was opened: "{about}".',
        _NOTHING + " You are told when that changes.",
        "Nothing is due from you.",
    ),
    "refused": Words(
        "Your form was refused",
        'Your form was received, recorded and refused: "{about}".',
        "Read the reason in the case. If something has changed, send a new form.",
        "No time is set.",
    ),
    "emergency": Words(
        "Urgent: somebody may be in danger",
        "A case says that somebody may be in danger.",
        "Look at the case, and make sure that they are safe.",
        _NOW,
    ),
    "safeguarding": Words(
        "Urgent: a safeguarding concern",
        "A case says that a child or an adult at risk may be harmed.",
        "Look at the case and follow the safeguarding policy.",
        _NOW,
    ),
}
"""By the code in `Tell.what`."""

# A running case may be told in a code that this version no longer knows; it must reach its person.
_UNKNOWN: Final = Words(
    "Something happened in a case", 'A case has something for you: "{about}".', "Look at the case."
)

_DANGER: Final = frozenset({"emergency", "safeguarding"})
_DANGER_TASKS: Final = frozenset({EMERGENCY.label, SAFEGUARDING.label})


def subject(notice: Notice) -> str:
    """The subject line: what kind of notice, by when in London time. Nothing of the case."""
    words = _words(notice)
    if notice.due is None or words.when or words.passed:
        return f"Casework: {words.subject}"
    return f"Casework: {words.subject}, by {london(notice.due)}"


def body(notice: Notice) -> str:
    """The text, plain: what happened, what to do, by when (London time), why (clause), where."""
    words = _words(notice)
    lines = [
        f"What happened: {words.happened.format(about=notice.about)}",
        f"What to do: {words.do.format(about=notice.about)}",
        f"By when: {_when(words, notice)}",
        f"Why: {_why(notice.clause)}",
        f"Where: case {notice.case_id}. To read it: casework show {notice.case_id}",
    ]
    first = [MARKING, CALL_999] if _danger(notice) else [MARKING]
    return "\n\n".join([*first, "\n".join(lines)]) + "\n"


def _words(notice: Notice) -> Words:
    return WORDS.get(notice.what, _UNKNOWN)


def _danger(notice: Notice) -> bool:
    # The reminders of these tasks come in the codes of any other task.
    return notice.what in _DANGER or notice.about in _DANGER_TASKS


def _when(words: Words, notice: Notice) -> str:
    if words.when:
        return words.when
    if notice.due is None:
        return "Now: its time has passed." if words.passed else "No time is set."
    due = f"{london(notice.due)} (London time)"
    return f"Now: it was due by {due}." if words.passed else f"{due}."


def _why(clause: str) -> str:
    if not clause:
        return "the procedure asks for it."
    known = book().clauses.get(clause)
    if known is None:
        return f"rule {clause} of the procedure."
    return f"clause {clause}. {known.text}"
