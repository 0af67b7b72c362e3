"""What a page says of an act before its form is filled in: never wrong, and it changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.case import Decision, Fact, Kind, Opened
from models.errors import Refused
from procedures import judge
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime.rehearsal import play_on_core, read_story
from tests.test_stories import STORIES

BY_THE_CORE = ("correct_decision", "adopt", "take_back")


@cache
def _facts(path: Path) -> tuple[Fact, ...]:
    """Every fact of a story, in order."""
    found: list[Fact] = []
    fold = Procedure.fold

    def folded(case: Procedure, fact: Fact) -> Any:
        found.append(fact)
        return fold(case, fact)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Procedure, "fold", folded)
        play_on_core(read_story(path))
    return tuple(found)


def _cases(path: Path) -> Iterator[tuple[Procedure, Fact]]:
    """A case as it stood before each fact of its story, and that fact."""
    opened, *others = _facts(path)
    assert isinstance(opened, Opened)
    case = by_name(opened.procedure).begin(opened)
    case.fold(opened)
    for fact in others:
        yield case, fact
        case.fold(fact)


def _kind(case: Procedure, decision: Decision) -> Kind | None:
    """What becomes of a decision; the case is left as it was. None when it was sent before."""
    saved = case.snapshot()
    lines = case.fold(decision).lines
    case.restore(saved)
    return next((one.entry.kind for one in lines if one.entry.decision == decision.id), None)


def _blank(decision: Decision) -> Decision:
    return decision.model_copy(update={"fields": {}, "reason": "", "newer": None})


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_what_was_then_applied_was_never_foreseen_to_be_refused(path: Path) -> None:
    for case, fact in _cases(path):
        if not isinstance(fact, Decision) or case.closed:
            continue
        act = case.acts.get(fact.act) or case.acts_by_code.get(fact.act)
        if act is None or fact.newer is not None or _kind(case, fact) is not Kind.APPLIED:
            continue
        before = case.snapshot()
        blank = _blank(fact)
        if act.code == "correct_decision":
            names = {case.acts[name].code for name in case.corrections(blank)} | set(
                case.corrections(blank)
            )
            assert fact.fields["act"] in names
        elif act.code == "adopt":
            assert fact.fields["decision"] in {one.id for one in case.adoptable(blank)}
        elif act.code == "take_back":
            assert fact.fields["act"] in {
                word
                for one in case.given_first(blank)
                for word in (one.code, *(n for n, a in case.acts.items() if a is one))
            }
        else:
            assert case.foreseen_refusal(act, blank) == "", (act.code, fact.fields)
        assert case.snapshot() == before


def test_what_is_foreseen_is_what_is_then_refused() -> None:
    """With any form at all: here, with that of every decision of that act in any story."""
    forms: dict[tuple[str, str], list[Decision]] = {}
    for path in STORIES[::4]:
        for case, fact in _cases(path):
            if isinstance(fact, Decision):
                act = case.acts.get(fact.act) or case.acts_by_code.get(fact.act)
                if act is not None:
                    forms.setdefault((case.key, act.code), []).append(fact)
    checked: Counter[str] = Counter()
    for path in STORIES[::8]:
        for case, fact in _cases(path):
            if not isinstance(fact, Decision) or case.closed or fact.newer is not None:
                continue
            for act in case.acts.values():
                _compare(case, act.code, fact, forms.get((case.key, act.code), [])[:2], checked)

    assert len(checked) > 20, "too few acts were foreseen to be refused to have tried anything"


def _compare(
    case: Procedure, code: str, fact: Decision, forms: list[Decision], checked: Counter[str]
) -> None:
    act = case.acts_by_code[code]
    if not act.by_people or act.reopens is not None or code in BY_THE_CORE:
        return
    blank = _blank(fact).model_copy(update={"act": code, "saw": None})
    try:
        # As whoever offers acts does: what comes at the wrong moment is not looked into further.
        judge.at_the_right_moment(case, act, blank)
        no = case.foreseen_refusal(act, blank)
    except (Refused, judge.Late):
        return
    for number, form in enumerate(forms if no else []):
        sent = blank.model_copy(
            update={"id": f"tried-{number}", "fields": form.fields, "reason": "r" * 40}
        )
        checked[code] += 1
        assert _kind(case, sent) in (Kind.REFUSED, Kind.HELD), (code, no)


def test_nobody_is_offered_to_put_right_what_was_never_decided() -> None:
    path = next(one for one in STORIES if one.stem == "completed")
    case, first = next((case, fact) for case, fact in _cases(path) if isinstance(fact, Decision))
    assert isinstance(first, Decision)

    with pytest.raises(Refused, match="no decision was taken"):
        case.corrections(_blank(first))
    with pytest.raises(Refused, match="No decision came late"):
        case.adoptable(_blank(first))
    assert list(case.given_first(_blank(first))) == []
