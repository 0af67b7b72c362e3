"""Cases about a comment on a colleague, played in the pure core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from procedures.employee_comments import EmployeeComments
from tests.core_help import HASH, PROOF, Play

_TOKENS = count(1)
SAFE_CONTACT = {"phone": "+44 7700 900123", "best_time": "at any hour"}


def a_report(**changes: Any) -> dict[str, Any]:
    """A report as it should be; `changes` replace fields, None takes one away."""
    form: dict[str, Any] = {
        "submission_token": f"00000000-0000-4000-9000-{next(_TOKENS):012x}",
        "immediate_danger": False,
        "safeguarding_concern": "no",
        "used_personal_account": False,
        "declaration": True,
        "affected_person": "fca-1",
        "kind": ["insult"],
        "linked_to_family_case": "no",
        "author_known": "stranger",
        "earlier_posts": False,
        "reported_to_platform": "no",
        "reported_to_police": False,
        "discovered_at": "2026-11-23 09:10",
        "how_came_to_see": "sent_to_me",
        "post_url": "https://www.facebook.com/invented.group/posts/1001",
        "platform": "facebook",
        "visibility": "public",
        "description": "A post that calls the colleague names.",
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


_ANSWERS: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "tell_in_person": lambda now: {"told_at": now.isoformat(), "how": "in_person"},
    "confirm_safe": lambda now: {"spoken_at": now.isoformat(), "police_reference": "CAD-1"},
    "classify_opinion": lambda _: {
        "guidance_test_applied": True, "finding": "it is about the work, not the person",
    },
    "classify_harassment": lambda _: {"posts_seen": 1},
    "classify_threat": lambda _: {"in_danger_now": False, "police_considered": True},
    "challenge": lambda _: {"why": "it names my street and my children"},
    "confirm_support": lambda now: {"offered_at": now.isoformat(), "answer": "accepted"},
    "acknowledge": lambda _: {"support": "accepted"},
    "record_incident": lambda _: {
        "incident_number": "INC-20417", "riddor_reportable": False,
        "riddor_reason": "nobody was hurt by any of it",
    },
    "report_to_platform": lambda _: {"login": "own", "result": "removed"},
    "ask_to_watch": lambda _: {"effect_on_colleague": "they are afraid of what comes next"},
    "propose_watch": lambda _: {
        "need": "to see early if it grows worse", "open_to_everybody": True,
        "ends_at": "2026-11-27 12:00",
    },
    "ask_legal": lambda _: {"question": "would a letter help or harm here?"},
    "advise": lambda _: {
        "conclusion": "warning_letter", "disclosure_cleared": False,
        "advice": "a letter may be sent; no more for now",
    },
    "tell_police": lambda _: {"reference": "CAD-1", "given": ["the_post"]},
    "do_not_tell_police": lambda _: {"colleagues_view": "agrees"},
    "speak": lambda now: {
        "spoken_at": now.isoformat(), "police_wish": "undecided", "platform_wish": "no",
        "injunction_wished": False,
    },
    "assess_safety": lambda _: {
        "visits": "changed", "home_address_exposed": False, "privacy_settings_checked": True,
        "family_considered": True, "measures": "visits in pairs for four weeks",
    },
    "settle_linked": lambda _: {"needed": "not_needed"},
    "agree_plan": lambda _: {"plan": HASH, "colleague_consulted": True, "colleagues_view": "agrees"},
    "report_new_post": lambda _: {"evidence": HASH, "immediate_danger": False, "what": "again"},
    "close": lambda _: {
        "ending": "managed", "colleague_told": True, "colleagues_view": "agrees",
        "closing_note": PROOF,
    },
    "ask_to_withdraw": lambda _: {"why": "I would rather leave it"},
    "join_by_hand": lambda _: {"other": "case-0123456789ab"},
    "reopen": lambda _: {"what_is_new": "it has begun all over again"},
    "take_back": lambda _: {"act": "agree_plan"},
    "safeguarding_handled": lambda _: {"outcome": "advice_given", "given_to_court": True},
}  # fmt: skip


class Comments(Play):
    """One case about a comment on a colleague; the rest is as in `Play`."""

    kind = EmployeeComments

    def form(self, **changes: Any) -> dict[str, Any]:
        """A report as it should be; `changes` replace fields, None takes one away."""
        return a_report(**changes)

    def usual(self, act: str) -> dict[str, Any]:
        """What is usually filled in for an act."""
        return _ANSWERS[act](self.now) if act in _ANSWERS else {}


_WAY: dict[str, tuple[tuple[str, str], ...]] = {
    "reported": (),
    "assessing": (("lm-1", "take_on"),),
    "emergency_response": (("fca-2", "raise_emergency"),),
    "opinion": (("lm-1", "take_on"), ("lm-1", "classify_opinion")),
    "action": (("lm-1", "take_on"), ("lm-1", "classify_harassment")),
    "watching": (
        ("lm-1", "take_on"), ("lm-1", "classify_harassment"), ("hrbp-1", "acknowledge"),
        ("hsi-1", "record_incident"), ("lm-1", "speak"), ("lm-1", "assess_safety"),
        ("lm-1", "agree_plan"), ("hrbp-1", "agree_plan"),
    ),
}  # fmt: skip
STEPS = tuple(_WAY)


def comments_at(step: str, **intake: Any) -> Comments:
    """A case that has come to a step in the usual way."""
    play = Comments(**intake)
    for person, act in _WAY[step]:
        receipt = play.act(person, act)
        assert receipt.outcome == "applied", receipt.message
    assert play.here == step
    return play
