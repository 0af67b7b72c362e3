"""Deciding over HTTP: bound to what was shown, counted once, and always answered with a receipt."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.responses import Response

from models.case import Kind, Receipt
from procedures.registry import PROCEDURES
from runtime import repeats
from tests.api_help import Program
from tests.service import REASON, Service
from web.api.decisions import FORM, NOT_ALLOWED, NOT_NOW, _apart, answered, kind_of
from web.api.problems import KINDS, TYPE, Problem
from web.tokens import Caller

PROJECT = Path(__file__).parents[1]
AGREE: dict[str, Any] = {"targets_match_order": True}


def _receipt(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["receipt"]
    return found


# --- the answers ----------------------------------------------------------------------------------


async def test_an_act_is_applied_and_its_receipt_names_the_entry(service: Service) -> None:
    case_id = await service.open()
    manager = Program(service, "lm-1")
    answer = await manager.decide(case_id, "agree", **AGREE)
    receipt = _receipt(answer)
    entry = service.desk.trail(case_id)[receipt["seq"] - 1].entry

    assert (answer.status_code, receipt["outcome"]) == (200, "applied")
    assert (entry.act, entry.decision, entry.saw) == ("D-04", receipt["decision"], 1)
    assert answer.headers["etag"] == await manager.etag(case_id)


@pytest.mark.parametrize(
    ("who", "act", "fields", "status", "kind", "code"),
    [
        ("fca-1", "agree", AGREE, 403, "not-allowed", "wrong_role"),
        ("aud-1", "agree", AGREE, 403, "not-allowed", "auditor"),
        ("adm-1", "agree", AGREE, 403, "not-allowed", "administrator"),
        ("lm-1", "complete", {"report_prepared": True}, 409, "not-now", "too_early"),
        ("lm-1", "agree", {}, 422, "not-usable", "fields"),
        ("lm-1", "agree", {"targets_match_order": False}, 422, "against-a-rule", "targets_match_the_order"),
    ],
)  # fmt: skip
async def test_a_refusal_is_a_problem_that_carries_its_receipt(  # noqa: PLR0913
    service: Service,
    who: str,
    act: str,
    fields: dict[str, Any],
    status: int,
    kind: str,
    code: str,
) -> None:
    case_id = await service.open()
    answer = await Program(service, who).decide(case_id, act, **fields)
    last = service.desk.trail(case_id)[-1].entry

    assert (answer.status_code, answer.json()["type"]) == (status, TYPE + kind)
    assert (_receipt(answer)["outcome"], _receipt(answer)["code"]) == ("refused", code)
    assert (last.kind, last.seq) == (Kind.REFUSED, _receipt(answer)["seq"])


async def test_fields_that_are_not_right_are_named_one_by_one(service: Service) -> None:
    case_id = await service.open()
    answer = await Program(service, "lm-1").decide(case_id, "agree", targets_match_order="perhaps")

    assert answer.json()["errors"] == [
        {"pointer": "#/fields/targets_match_order", "detail": "must be yes or no"}
    ]


async def test_a_late_decision_is_a_conflict_that_says_it_is_kept(service: Service) -> None:
    case_id = await service.open()
    late = Receipt(
        decision="late", case_id=case_id, outcome="held", seq=1, state="registered", code="late"
    )
    with pytest.raises(Problem) as caught:
        await answered(service.desk, Caller("lm-1"), late, Response())

    assert (caught.value.kind, caught.value.document["status"]) == ("held", 409)
    assert caught.value.document["receipt"]["outcome"] == "held"


async def test_an_unknown_act_is_not_sent_and_not_repeated(service: Service) -> None:
    case_id = await service.open()
    answer = await Program(service, "lm-1").decide(case_id, "agree_with_john_smith")

    assert answer.json()["errors"][0]["pointer"] == "#/act"
    assert "john" not in answer.text
    assert service.desk.show(case_id).case.seq == 1


def _refusals() -> set[str]:
    """Every code that something of ours is refused with, as written at the place."""
    found = set()
    for path in [*PROJECT.glob("procedures/*.py"), *PROJECT.glob("runtime/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused"
            if named and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                found.add(str(node.args[0].value))  # type: ignore[attr-defined]
    return found


def test_every_code_of_a_refusal_has_its_type_of_problem() -> None:
    sorted_ = [NOT_ALLOWED, NOT_NOW, FORM]
    missing = {one for one in _refusals() - _apart() if sum(one in many for many in sorted_) != 1}

    assert len(_refusals()) > 30
    assert missing == set()


def test_a_guard_is_a_rule_and_none_is_called_like_another_refusal() -> None:
    acts = [act for kind in PROCEDURES.values() for act in kind.acts.values()]
    for rule in [rule for act in acts for rule in act.guards]:
        assert kind_of(rule.id) == "against-a-rule", rule.id
    assert {kind_of(one) for one in _apart()} == {"not-allowed"}
    assert KINDS["against-a-rule"].status == 422


# --- what was shown -------------------------------------------------------------------------------


async def test_without_what_was_shown_nothing_is_sent(service: Service) -> None:
    case_id = await service.open()
    body = {"act": "agree", "reason": REASON, "fields": AGREE}
    answer = await Program(service, "lm-1").post(f"/cases/{case_id}/decisions", body)

    assert (answer.status_code, answer.json()["type"]) == (428, TYPE + "match-required")
    assert service.desk.show(case_id).case.seq == 1


async def test_when_the_case_moved_on_nothing_is_sent_and_the_new_state_is_named(
    service: Service,
) -> None:
    case_id = await service.open()
    manager = Program(service, "lm-1")
    shown = await manager.etag(case_id)
    await service.act(case_id, "lm-1", "start_considering")
    answer = await manager.decide(case_id, "agree", match=shown, **AGREE)

    assert (answer.status_code, answer.json()["type"]) == (412, TYPE + "moved-on")
    assert answer.headers["etag"] == await manager.etag(case_id) != shown
    assert service.desk.show(case_id).case.seq == 2


@pytest.mark.parametrize(
    "shown", ['"1-' + "0" * 64 + '"', 'W/"1"', "1", '"x", "y"', '"2-' + "a" * 64 + '"']
)
async def test_what_nobody_was_shown_is_not_what_the_case_is(service: Service, shown: str) -> None:
    case_id = await service.open()
    answer = await Program(service, "lm-1").decide(case_id, "agree", match=shown, **AGREE)

    assert answer.status_code == 412
    assert service.desk.show(case_id).case.seq == 1


async def test_any_colleague_may_say_that_somebody_is_in_danger_without_seeing_the_case(
    service: Service,
) -> None:
    case_id = await service.open()
    answer = await Program(service, "contr-1").decide(case_id, "raise_emergency", match="*")

    assert answer.status_code == 200, answer.text
    assert (_receipt(answer)["outcome"], _receipt(answer)["state"]) == ("applied", "")
    assert "etag" not in answer.headers


async def test_nothing_else_may_be_done_without_having_seen_it(service: Service) -> None:
    case_id = await service.open()
    manager = await Program(service, "lm-1").decide(case_id, "agree", match="*", **AGREE)
    nobody = await Program(service, "contr-1").decide(case_id, "agree", match='"1-x"', **AGREE)
    unknown = await Program(service, "contr-1").decide(case_id, "nonsense", match="*")

    assert manager.status_code == 428
    assert (nobody.status_code, unknown.status_code) == (404, 404)
    assert service.desk.show(case_id).case.seq == 1


# --- once and for all -----------------------------------------------------------------------------


async def test_the_same_act_with_the_same_key_is_answered_again_and_counts_once(
    service: Service,
) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    shown = await manager.etag(case_id)
    first = await manager.decide(case_id, "agree", key=key, match=shown, **AGREE)
    again = await manager.decide(case_id, "D-04", key=key, match=shown, **AGREE)

    assert (first.headers["idempotent-replayed"], first.status_code) == ("false", 200)
    assert (again.headers["idempotent-replayed"], again.status_code) == ("true", 200)
    assert _receipt(again) == _receipt(first) | {"repeated": True}
    assert service.desk.show(case_id).case.seq == 2


async def test_a_refusal_is_answered_again_as_well(service: Service) -> None:
    case_id = await service.open()
    practitioner, key = Program(service, "fca-1"), str(uuid4())
    shown = await practitioner.etag(case_id)
    first = await practitioner.decide(case_id, "agree", key=key, match=shown, **AGREE)
    again = await practitioner.decide(case_id, "agree", key=key, match=shown, **AGREE)

    assert (first.status_code, again.status_code) == (403, 403)
    assert _receipt(again) == _receipt(first) | {"repeated": True}


@pytest.mark.parametrize("what", ["fields", "reason", "act", "match", "person", "role"])
async def test_a_key_that_was_sent_with_another_act_sends_nothing(
    service: Service, what: str
) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    path = f"/cases/{case_id}/decisions"
    shown = await manager.etag(case_id)
    body: dict[str, Any] = {"act": "start_considering", "reason": REASON, "fields": {}}
    assert (await manager.post(path, body, key=key, match=shown)).status_code == 200
    now = await manager.etag(case_id)
    other: dict[str, dict[str, Any]] = {
        "fields": {"fields": {"more": 1}},
        "reason": {"reason": REASON + " And more."},
        "act": {"act": "agree"},
        "role": {"role": "SM"},
    }
    sender = Program(service, "fca-1") if what == "person" else manager
    match = now if what in ("match", "person") else shown
    answer = await sender.post(path, body | other.get(what, {}), key=key, match=match)

    assert (answer.status_code, answer.json()["type"]) == (422, TYPE + "key-used")
    assert service.desk.show(case_id).case.seq == 2


async def test_two_at_the_same_moment_count_once(service: Service) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    shown = await manager.etag(case_id)
    sent = (manager.decide(case_id, "agree", key=key, match=shown, **AGREE) for _ in range(4))
    answers = await asyncio.gather(*sent)

    assert [one.status_code for one in answers] == [200] * 4
    assert len({_receipt(one)["seq"] for one in answers}) == 1
    assert service.desk.show(case_id).case.seq == 2


async def test_of_two_different_acts_at_the_same_moment_under_one_key_only_one_is_told_yes(
    service: Service,
) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    shown = await manager.etag(case_id)
    answers = await asyncio.gather(
        manager.decide(case_id, "start_considering", key=key, match=shown),
        manager.decide(case_id, "agree", key=key, match=shown, **AGREE),
    )

    assert sorted(one.status_code for one in answers) == [200, 422]
    assert service.desk.show(case_id).case.seq == 2


async def test_a_closed_case_answers_again_what_it_answered(service: Service) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    shown = await manager.etag(case_id)
    first = await manager.decide(case_id, "withdraw", key=key, match=shown, why="not needed now")
    again = await manager.decide(case_id, "withdraw", key=key, match=shown, why="not needed now")

    assert again.json() | {"instance": ""} == first.json() | {"instance": ""} | (
        {"receipt": _receipt(first) | {"repeated": True}}
    )


async def test_what_the_case_no_longer_remembers_is_not_applied_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await service.open()
    manager, key = Program(service, "lm-1"), str(uuid4())
    shown = await manager.etag(case_id)
    await manager.decide(case_id, "start_considering", key=key, match=shown)
    monkeypatch.setattr(repeats, "answered_before", lambda *_: None)
    again = await manager.decide(case_id, "start_considering", key=key, match=shown)

    assert again.status_code == 409
    assert service.desk.show(case_id).case.seq == 2


# --- with fewer roles -----------------------------------------------------------------------------


async def test_a_token_with_other_roles_cannot_decide_and_the_refusal_is_recorded(
    service: Service,
) -> None:
    case_id = await service.open()
    shown = await Program(service, "lm-1").etag(case_id)
    fewer = await Program(service, "lm-1+HRBP").decide(case_id, "agree", match=shown, **AGREE)
    shown = await Program(service, "lm-1").etag(case_id)
    right = await Program(service, "lm-1+LM").decide(case_id, "agree", match=shown, **AGREE)

    assert (fewer.status_code, _receipt(fewer)["code"]) == (403, "wrong_role")
    assert _receipt(fewer)["seq"] == 2
    assert _receipt(right)["outcome"] == "applied"


async def test_a_role_that_the_token_has_not_sends_nothing(service: Service) -> None:
    case_id = await service.open()
    shown = await Program(service, "lm-1").etag(case_id)
    body = {"act": "agree", "reason": REASON, "fields": AGREE, "role": "LM"}
    program = Program(service, "lm-1+HRBP")
    answer = await program.post(f"/cases/{case_id}/decisions", body, match=shown)

    assert answer.status_code == 403
    assert "receipt" not in answer.json()
    assert service.desk.show(case_id).case.seq == 1


async def test_no_narrow_token_makes_an_administrator_decide(service: Service) -> None:
    case_id = await service.open()
    shown = await Program(service, "lm-1").etag(case_id)
    answer = await Program(service, "adm-1+LM").decide(case_id, "agree", match=shown, **AGREE)

    assert _receipt(answer)["code"] == "administrator"


async def test_no_narrow_token_keeps_anybody_from_saying_danger(service: Service) -> None:
    case_id = await service.open()
    answer = await Program(service, "lm-1+HRBP").decide(case_id, "raise_emergency", match="*")

    assert answer.status_code == 200
