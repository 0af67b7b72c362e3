"""Cases about posts on court proceedings, played in the core: a usual report, usual answers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from procedures.court_proceedings import CourtProceedings
from tests.core_help import HASH, Play, must, written

_TOKENS = count(1)
BECAUSE = "There is a good reason for this one answer, given here."


def usual_report(**changes: Any) -> dict[str, Any]:
    """A party's post that nothing on the compulsory list is true of; None takes a field away."""
    form: dict[str, Any] = {
        "submission_token": f"00000000-0000-4000-8000-{next(_TOKENS):012x}",
        "immediate_danger": False,
        "safeguarding_concern": "no",
        "used_personal_account": False,
        "declaration": True,
        "childfirst_ref": "CF-2026-00871",
        "discovered_at": "2026-11-20 12:00",
        "how_came_to_see": "shown_by_family",
        "post_url": "https://www.facebook.com/invented.account/posts/1001",
        "platform": "facebook",
        "author_handle": "invented.account",
        "visibility": "public",
        "description": "A party writes about what was said at a private hearing.",
        "proceedings_status": "ended",
        "case_type": "private_law",
        "what_is_shown": ["hearing_details"],
        "author_status": "party",
        "author_represented": "no",
        "known_orders": ["none_known"],
        "court_already_aware": "no",
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def answer(*, do: bool) -> dict[str, Any]:
    """One of the four answers, with its own reason."""
    return {"do": do, "because": BECAUSE}


def a_decision(**changes: Any) -> dict[str, Any]:
    """Tell the court, and nothing else; a flag of a field's name replaces its answer."""
    form: dict[str, Any] = {
        "verdict": "breach",
        "tell_court": answer(do=True),
        "tell_parties": answer(do=False),
        "parties": [],
        "ask_removal": answer(do=False),
        "other": {"steps": [], "because": BECAUSE},
    }
    for name, value in changes.items():
        form[name] = answer(do=value) if isinstance(value, bool) else value
    if form["tell_parties"]["do"] and not form["parties"]:
        form["parties"] = ["A"]
    return form


NO_BREACH = a_decision(
    verdict="not_a_breach", why_no_breach="lawful_reporting", tell_court=False, case_note="CN-1"
)
_ADVICE = "Details of a private hearing are protected after it as well."
_ANSWERS: dict[str, Callable[[Play], dict[str, Any]]] = {
    "choose_route": lambda _: {"route": "manager", "question": "Does the court have to know?"},
    "advise_as_manager": lambda _: {"advice": _ADVICE},
    "advise_as_legal": lambda _: {"conclusion": "breach_likely", "advice": _ADVICE},
    "rule_on_material": lambda _: {"conclusion": "usable"},
    "decide": lambda _: a_decision(),
    "decide_against_legal": lambda _: a_decision(tell_court=False, ask_removal=True),
    "report_to_platform": lambda play: {"done_at": written(play.now), "reference": "PL-1"},
    "take_legal_step": lambda play: {"done_at": written(play.now), "reference": "LS-1"},
    "talk_with_child": lambda play: {"done_at": written(play.now), "reference": "TC-1"},
    "tell_court": lambda play: {
        "method": "letter", "sent_at": written(play.now), "post_seen_at": written(play.now),
        "what": "A party has written about the private hearing.", "how_seen": "shown_by_family",
        "copy_sent": HASH,
    },
    "tell_parties": lambda play: {
        "told": [{"party": "A", "represented": "no", "through": "letter"}],
        "sent_at": written(play.now), "copy_sent": HASH,
    },
    "propose_wording": lambda _: {"wording": "Please take down the post about the hearing."},
    "approve_wording": lambda _: {"not_threatening": True, "names_nobody_to_others": True},
    "ask_for_removal": lambda play: {
        "to": "the_party", "method": "email", "sent_at": written(play.now),
        "wording_as_approved": True, "copy_sent": HASH,
    },
    "record_answer": lambda _: {"reply": "removed", "source": "party", "proof": HASH},
    "record_court_response": lambda _: {"response": "noted"},
    "correct_author": lambda _: {
        "author_status": "party", "author_represented": "no", "source": "informant",
    },
    "add_post": lambda _: {
        "post_url": "https://www.facebook.com/invented.account/posts/1002",
        "how_came_to_see": "by_chance", "used_personal_account": False,
    },
    "close_case": lambda _: {"outcome": "court_and_parties_informed", "case_note": "CN-1"},
    "close_with_legal": lambda _: {"outcome": "court_and_parties_informed", "case_note": "CN-1"},
    "join_by_hand": lambda _: {"other": "another-case"},
    "pass_to_conduct": lambda _: {"colleague": "fca-3"},
    "safeguarding_handled": lambda _: {"outcome": "referred", "given_to_court": True},
    "confirm_safe": lambda play: {"spoken_at": written(play.now), "police_reference": "P-1"},
    "take_referral": lambda _: {"to": "U", "outside": "dealt with where it belongs"},
    "declare_conflict": lambda _: {},
}  # fmt: skip


class Post(Play):
    """One case about a post, driven as the durable shell drives it."""

    kind = CourtProceedings
    case: CourtProceedings

    def form(self, **changes: Any) -> dict[str, Any]:
        """A report as it should be."""
        return usual_report(**changes)

    def usual(self, act: str) -> dict[str, Any]:
        """What is usually filled in for an act of C, or of every procedure."""
        return _ANSWERS[act](self) if act in _ANSWERS else super().usual(act)


def in_deciding(*, legal: dict[str, Any] | None = None, **given: Any) -> Post:
    """A case that waits for the manager's decision; `legal` is Legal's advice, if it was asked."""
    post = Post(**given)
    if legal is None:
        must(post.act("lm-1", "choose_route"))
        must(post.act("lm-1", "advise_as_manager"))
    else:
        must(post.act("lm-1", "choose_route", route="legal"))
        must(post.act("leg-1", "advise_as_legal", **legal))
    assert post.here == "deciding"
    return post


def after(decision: dict[str, Any], **given: Any) -> Post:
    """A case in which the manager has decided."""
    post = in_deciding(**given)
    must(post.act("lm-1", "decide", fields=decision))
    return post


def waiting(**given: Any) -> Post:
    """A case in which the court was told and the result is awaited."""
    post = after(a_decision(), **given)
    must(post.act("fca-1", "tell_court"))
    assert post.here == "waiting"
    return post
