"""Reports of posts about Cafcass played in the pure core: a usual form, usual answers, `ReportPlay`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from models.case import Joined
from procedures.corporate_reputation import CorporateReputation
from tests.core_help import HASH, MINUTE, OTHER_HASH, Play, must, written

WORDS = "Our telephone lines are open from nine to five on every working day."
WHY = "It is an opinion that does nobody any harm."
URL = "https://www.facebook.com/invented.page/posts/1001"
_TOKENS = count(1)


def a_report(**changes: Any) -> dict[str, Any]:
    """A report as it should be; `changes` replace fields, None takes one away."""
    form: dict[str, Any] = {
        "submission_token": f"00000000-0000-4000-9000-{next(_TOKENS):012x}",
        "immediate_danger": False,
        "safeguarding_concern": "no",
        "used_personal_account": False,
        "declaration": True,
        "discovered_at": "2026-11-23 09:10",
        "how_came_to_see": "by_chance",
        "post_url": URL,
        "platform": "facebook",
        "visibility": "public",
        "description": "A page says that the service never answers its telephone.",
        "channel": "elsewhere",
        "subject_of_post": "service",
        "reach": 40,
        "spread": "static",
        "claim_type": "opinion",
        "contains_case_information": "no",
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def a_watch(**changes: Any) -> dict[str, Any]:
    """A watch as it should be proposed."""
    return {
        "need": "reputation", "because": "More of the same is expected after the broadcast.",
        "where": "public", "only_looking": True, "until": "2026-12-18 17:00", **changes,
    }  # fmt: skip


_USUAL: dict[str, Callable[[Play], dict[str, Any]]] = {
    "sort": lambda _: {"classes": ["criticism"]},
    "ask_advice": lambda _: {
        "of": "LEG", "question": "May these words go out as they are drafted here?",
        "draft": WORDS, "no_more_than_needed": True,
    },
    "give_legal_advice": lambda _: {
        "conclusion": "may_go_out", "advice": "Nothing in these words tells of anybody.",
    },
    "give_advice": lambda _: {"advice": "Nothing needs to be said about it at all."},
    "recommend_no_response": lambda _: {"because": WHY},
    "recommend_response": lambda _: {
        "actions": ["correction"], "text": WORDS, "case_or_person_could_be_inferred": False,
        "because": "The claim is wrong and is easily put right.",
    },
    "record_response": lambda play: {
        "went_out_at": written(play.now), "copy_sha256": HASH, "as_approved": True,
    },
    "start_watching": lambda _: {"watch": a_watch()},
    "review_watch": lambda _: {"found": "A few more comments and nothing new in them."},
    "add_content": lambda _: {"what": "A second post says it all once more.", "copy_sha256": OTHER_HASH},
    "stop_watching": lambda _: {"because": "Nothing new has been posted for a long time."},
    "pass_on": lambda _: {"because": "All of it belongs to somebody else by now."},
    "safeguarding_handled": lambda _: {"results": ["referred"]},
    "record_incident": lambda _: {"incident_number": "HS-2026-0042"},
    "join_by_hand": lambda _: {"other": "case-2"},
}  # fmt: skip
"""What is usually filled in, by act; an act that is not here is filled in as everywhere."""


class ReportPlay(Play):
    """One report of a post about Cafcass."""

    kind = CorporateReputation

    def form(self, **changes: Any) -> dict[str, Any]:
        """A report as it should be."""
        return a_report(**changes)

    def usual(self, act: str) -> dict[str, Any]:
        """What is usually filled in for an act of R."""
        return _USUAL[act](self) if act in _USUAL else super().usual(act)

    def joined_by(self, by: str = "fca-4", **changes: Any) -> None:
        """Another report of the same post is joined to this one."""
        self.wait(MINUTE)
        form = a_report(**changes)
        fact = Joined(
            id=f"case-2:{next(_TOKENS)}", at=self.now, procedure=self.kind.key, report="case-2",
            by=by, opened_at=self.now, intake=form,
        )  # fmt: skip
        self.fold(fact)


def at_step(step: str, *, classes: tuple[str, ...] = ("criticism",), **given: Any) -> ReportPlay:
    """A report played up to a step, by the usual people."""
    if step == "safety_first":
        given.setdefault("safeguarding_concern", "yes")
    play = ReportPlay(**given)
    for reached, person, act, fields in _road(step, list(classes)):
        if play.here == step:
            break
        must(play.act(person, act, **fields))
        assert play.here == reached
    assert play.here == step
    return play


def _road(step: str, classes: list[str]) -> list[tuple[str, str, str, dict[str, Any]]]:
    start: list[tuple[str, str, str, dict[str, Any]]] = [
        ("assessing", "com-1", "take_on", {}),
    ]
    if step == "waiting_for_advice":
        return [*start, (step, "com-1", "ask_advice", {})]
    if step == "assessing":
        return start
    sorted_ = [*start, ("assessing", "com-1", "sort", {"classes": classes})]
    if step == "watching":
        return [
            *sorted_,
            ("waiting_for_decision", "com-1", "recommend_no_response", {"watch": a_watch()}),
            (step, "hoc-1", "approve_no_response", {"watch": True}),
        ]
    return [
        *sorted_,
        ("waiting_for_decision", "com-1", "recommend_response", {}),
        ("response_under_way", "hoc-1", "approve_response", {}),
        ("responded", "com-1", "record_response", {}),
    ]
