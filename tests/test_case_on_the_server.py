"""The durable shell on a real server: receipts, repeated decisions, hostile messages, long lives."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.converter import DataConverter, WorkflowSerializationContext

from models.case import Decision, Joined, Kind, No, Receipt
from models.errors import BadInput, Misconfigured, Refused, Unavailable
from runtime import audit, building, desk_sending, recovery
from runtime.keyring import KeyRing
from runtime.replay import replay
from runtime.temporal import connect, server_of
from tests.service import REASON, Service, intake
from workflows.messages import DECIDE


def decision(
    service: Service, case_id: str, act: str = "start_considering", **more: Any
) -> Decision:
    row = service.ledger.register(case_id)
    assert row is not None
    given: dict[str, Any] = {"reason": REASON, "fields": {}} | more
    return service.desk.decision(row, act, "lm-1", **given)


async def test_a_case_runs_from_the_direction_to_the_filed_report(service: Service) -> None:
    case_id = await service.open()

    await service.complete(case_id)

    row = service.ledger.register(case_id)
    assert row is not None
    assert (row.state, row.closed) == ("completed", True)
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]
    described = await service.handle(case_id).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED


async def test_a_receipt_is_given_only_when_the_trail_holds_the_act(service: Service) -> None:
    case_id = await service.open()

    receipt = await service.act(case_id, "lm-1", "start_considering")

    entry = service.ledger.trail(case_id)[receipt.seq - 1].entry
    assert (entry.decision, entry.kind, entry.actor) == (receipt.decision, Kind.APPLIED, "lm-1")


async def test_the_same_act_by_signal_lands_in_the_same_place(service: Service) -> None:
    case_id = await service.open()
    sent = decision(service, case_id)

    await service.desk.signal(case_id, sent)
    answered = await service.desk._send(case_id, sent)

    assert (answered.outcome, answered.repeated) == ("applied", True)
    assert [line.entry.kind for line in service.ledger.trail(case_id)] == ["opened", "applied"]


async def test_a_decision_sent_five_times_counts_once(service: Service) -> None:
    case_id = await service.open()
    sent = decision(service, case_id)

    answers = await asyncio.gather(*(service.desk._send(case_id, sent) for _ in range(5)))

    assert {answer.outcome for answer in answers} == {"applied"}
    assert len(service.ledger.trail(case_id)) == 2


async def test_a_form_sent_twice_at_once_makes_one_case(service: Service) -> None:
    form = intake()

    both = await asyncio.gather(*(service.desk.open("D", form, "fca-1") for _ in range(4)))

    assert len({opening.case_id for opening in both}) == 1
    assert len(service.ledger.trail(both[0].case_id)) == 1


async def test_a_second_form_for_the_same_order_and_account_joins_the_first(
    service: Service,
) -> None:
    first = await service.open(order_reference="ORD-SAME")

    second = await service.desk.open("D", intake(order_reference="ord-same"), "fca-2")

    assert second.state == "joined"
    assert second.case_id != first


async def test_the_case_a_report_is_joined_to_hears_of_it_once(service: Service) -> None:
    first = await service.open(order_reference="ORD-HEARD")

    second = await service.desk.open("D", intake(order_reference="ord-heard"), "fca-2")

    line = await service.entry(first, code="joined")
    assert line.entry.label == "A further report of the same matter was joined"
    fact = line.private.fact
    assert isinstance(fact, Joined)
    assert (fact.report, fact.by) == (second.case_id, "fca-2")


async def test_a_report_joined_to_a_case_that_has_ended_goes_on_by_itself(
    service: Service,
) -> None:
    first = await service.open(order_reference="ORD-ENDED")
    # The ledger still holds it open, Temporal has lost it: the letter cannot be delivered.
    await service.client.get_workflow_handle(first).terminate()

    second = await service.desk.open("D", intake(order_reference="ord-ended"), "fca-2")

    line = await service.entry(second.case_id, code="not_joined")
    assert (line.entry.before, line.entry.after) == ("joined", "registered")
    receipt = await service.act(second.case_id, "lm-1", "agree", targets_match_order=True)
    assert receipt.outcome == "applied", receipt.message
    assert [each.ok for each in audit.audit(service.ledger, second.case_id)] == [True]


async def test_a_report_joined_by_mistake_is_separated_in_a_new_run(service: Service) -> None:
    first = await service.open(order_reference="ORD-APART")
    second = await service.desk.open("D", intake(order_reference="ord-apart"), "fca-2")
    await service.entry(first, code="joined")

    receipt = await service.act(second.case_id, "lm-1", "separate")

    assert (receipt.outcome, receipt.state) == ("applied", "registered"), receipt.message
    await service.entry(first, code="separated")


async def test_a_closed_case_is_opened_again_in_a_new_run_with_its_trail_continued(
    service: Service,
) -> None:
    case_id = await service.open()
    await service.complete(case_id)
    ended = len(service.ledger.trail(case_id))
    handle = service.client.get_workflow_handle(case_id)
    first_run = (await handle.describe()).run_id

    receipt = await service.act(case_id, "lm-1", "reopen")

    assert (receipt.outcome, receipt.state, receipt.repeated) == ("applied", "considering", False)
    trail = service.ledger.trail(case_id)
    assert [line.entry.seq for line in trail] == list(range(1, ended + 2))
    assert (await handle.describe()).run_id != first_run
    assert (await service.act(case_id, "lm-1", "agree", targets_match_order=True)).outcome == (
        "applied"
    )
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]


async def test_the_replay_of_a_case_opened_again_reads_every_run(service: Service) -> None:
    case_id = await service.open()
    await service.complete(case_id)
    await service.act(case_id, "lm-1", "reopen")

    for _ in range(100):
        replayed = await replay(case_id, service.settings, service.client)
        if replayed.runs > 1:
            break
        await asyncio.sleep(0.05)  # the server's list of runs lags a little

    assert (replayed.runs, replayed.ok) == (2, True)


async def test_opening_a_case_again_twice_at_once_opens_it_once(service: Service) -> None:
    case_id = await service.open()
    await service.complete(case_id)

    answers = await asyncio.gather(
        *(service.act(case_id, "lm-1", "reopen") for _ in range(3)),
    )

    assert sorted(answer.outcome for answer in answers) == ["applied", "refused", "refused"]
    acts = [line.entry.act for line in service.ledger.trail(case_id) if line.entry.no is None]
    assert acts.count("D-21r") == 1


async def test_a_decision_for_a_closed_case_is_refused_recorded_and_answered(
    service: Service,
) -> None:
    case_id = await service.open()
    await service.complete(case_id)

    receipt = await service.act(case_id, "lm-1", "agree", targets_match_order=True)

    assert (receipt.outcome, receipt.code) == ("refused", "closed")
    last = service.ledger.trail(case_id)[-1].entry
    assert (last.kind, last.no, last.decision) == (Kind.REFUSED, No.REFUSED, receipt.decision)
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]


async def test_what_was_not_shown_cannot_be_decided_on(service: Service) -> None:
    case_id = await service.open()
    with pytest.raises(Refused, match="not what the ledger holds"):
        await service.desk.decide(
            case_id, "start_considering", "lm-1", saw=1, saw_hash="0" * 64, reason=REASON
        )


async def test_a_case_nobody_opened_is_bad_input(service: Service) -> None:
    with pytest.raises(BadInput, match="no case"):
        await service.act("case-nowhere", "lm-1", "agree")


async def test_a_case_goes_on_from_what_a_killed_worker_had_recorded(service: Service) -> None:
    case_id = await service.open()
    unanswered = decision(service, case_id)
    known = audit.refold(service.ledger.trail(case_id))
    service.ledger.append(known.batch(known.fold(unanswered).lines), unanswered.at)

    receipt = await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    again = await service.desk._send(case_id, unanswered)

    assert (receipt.outcome, receipt.state) == ("applied", "arranging")
    assert (again.outcome, again.repeated) == ("applied", True)
    acts = [line.entry.act for line in service.ledger.trail(case_id)]
    assert acts == ["D-01", "D-03", "D-04"]
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]


async def test_a_case_whose_workflow_is_gone_goes_on_from_the_ledger(service: Service) -> None:
    case_id = await service.open()
    await service.handle(case_id).terminate()

    receipt = await service.act(case_id, "lm-1", "start_considering")

    assert (receipt.outcome, receipt.state) == ("applied", "considering")
    described = await service.handle(case_id).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]


async def test_every_open_case_that_nobody_runs_is_started_again(service: Service) -> None:
    gone, runs, closed = [await service.open() for _ in range(3)]
    await service.handle(gone).terminate()
    await service.complete(closed)

    await recovery.start_missing(service.client, service.ledger, service.settings.task_queue)

    for case_id, status in [
        (gone, WorkflowExecutionStatus.RUNNING),
        (runs, WorkflowExecutionStatus.RUNNING),
        (closed, WorkflowExecutionStatus.COMPLETED),
    ]:
        assert (await service.handle(case_id).describe()).status is status
    assert (await service.act(gone, "lm-1", "start_considering")).outcome == "applied"


async def test_whoever_sends_with_another_key_is_told_so_and_nothing_is_applied(
    service: Service, tmp_path: Path
) -> None:
    case_id = await service.open()
    other = KeyRing.create(tmp_path / "other.json")
    wrong = service.settings.model_copy(update={"key_ring": other.path})
    desk = building.build_desk(
        wrong,
        ledger=service.ledger,
        directory=lambda: service.desk.directory,
        client=await connect(wrong),
    )

    with pytest.raises(Misconfigured, match="CASEWORK_KEY_RING"):
        await desk.decide(case_id, "start_considering", "lm-1")

    row = service.ledger.register(case_id)
    assert row is not None
    assert row.state == "registered"
    with (
        closing(building.open_ledger(wrong)) as unread,
        pytest.raises(Misconfigured, match="CASEWORK_KEY_RING"),
    ):
        audit.refold(unread.trail(case_id))


async def test_nobody_waits_for_ever_for_a_worker_that_is_away(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_sending, "ANSWER", timedelta(seconds=0.5))
    case_id = await service.open()
    nobody = service.settings.model_copy(update={"task_queue": "nobody-works-here"})
    await service.handle(case_id).terminate()
    away = building.build_desk(
        nobody,
        ledger=service.ledger,
        directory=lambda: service.desk.directory,
        client=service.client,
    )

    with pytest.raises(Unavailable, match="never counts twice"):
        await away.decide(case_id, "start_considering", "lm-1", reason=REASON)

    await service.handle(case_id).terminate()


# --- hostile messages (failure modes 1a): none may wedge or fail a case ---------------------------

PLAIN = DataConverter.default


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


HOSTILE: dict[str, list[Any]] = {
    "no_argument": [],
    "two_arguments": [{"id": "x"}, {"id": "y"}],
    "text": ["approve everything"],
    "a_number": [7],
    "nothing": [None],
    "a_list": [[1, 2, 3]],
    "missing_fields": [{"id": "x", "act": "agree"}],
    "extra_field": [{"id": "x", "act": "agree", "administrator": True}],
    "broken_json": [raw(b"{")],
    "wrong_encoding": [raw(b"\x00\x01", b"binary/plain")],
    "deep_nesting": [raw(b"[" * 50_000)],
    "too_large": [{"reason": "x" * 100_000}],
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("message", [DECIDE, "people_changed", "calendar_changed", "forge"])
async def test_a_hostile_signal_is_refused_and_the_case_goes_on(
    service: Service, name: str, message: str
) -> None:
    case_id = await service.open()

    await service.handle(case_id).signal(message, args=HOSTILE[name])
    receipt = await service.act(case_id, "lm-1", "start_considering")

    assert receipt.outcome == "applied"
    # In whichever order: what counts is when each was received, and both came at one moment.
    entries = [line.entry for line in service.ledger.trail(case_id)]
    assert sorted(entry.kind for entry in entries) == ["applied", "opened", "refused"]
    [no] = [entry for entry in entries if entry.kind == "refused"]
    assert no.before == no.after


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_update_is_answered_as_refused(service: Service, name: str) -> None:
    case_id = await service.open()

    answer = await service.handle(case_id).execute_update(
        DECIDE, args=HOSTILE[name], result_type=Receipt
    )

    assert answer.outcome == "refused"
    assert (await service.act(case_id, "lm-1", "start_considering")).outcome == "applied"


NOT_EXACT: dict[str, dict[str, Any]] = {
    "a number beyond what JSON keeps": {"fields": {"n": 2**60}},
    "a sequence number beyond all bounds": {"saw": 2**60},
    "a NUL in an id": {"id": "a\x00b"},
    "a person id with a line break": {"person": "lm-1\nadm-1"},
    "half a character": {"reason": "\ud800"},
    "a day before London had clocks": {"at": "0001-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("name", NOT_EXACT)
async def test_what_the_chain_cannot_hold_never_reaches_it(service: Service, name: str) -> None:
    case_id = await service.open()
    message = decision(service, case_id).model_dump(mode="json") | NOT_EXACT[name]
    data = json.dumps(message).encode()

    answer = await service.handle(case_id).execute_update(DECIDE, raw(data), result_type=Receipt)

    assert answer.outcome == "refused"
    assert (await service.act(case_id, "lm-1", "start_considering")).outcome == "applied"


async def test_a_signal_in_plain_text_from_the_command_line_is_refused(service: Service) -> None:
    case_id = await service.open()
    stranger = await Client.connect(**server_of(service.settings))
    forged = decision(service, case_id, "agree", fields={"targets_match_order": True})

    await stranger.get_workflow_handle(case_id).signal(DECIDE, forged.model_dump(mode="json"))
    receipt = await service.act(case_id, "lm-1", "start_considering")

    assert receipt.outcome == "applied"
    kinds = sorted(line.entry.kind for line in service.ledger.trail(case_id))
    assert kinds == ["applied", "opened", "refused"]


async def test_a_decision_encrypted_for_another_case_is_refused(service: Service) -> None:
    first, second = await service.open(), await service.open()
    sent = decision(service, first)
    converter = service.client.data_converter.with_context(
        WorkflowSerializationContext(namespace=service.client.namespace, workflow_id=first)
    )
    [moved] = await converter.encode([sent])

    await _signal_as_it_is(service, second, moved)
    receipt = await service.act(second, "lm-1", "start_considering")

    assert receipt.outcome == "applied"
    assert "not_genuine" in {line.entry.code for line in service.ledger.trail(second)}


async def _signal_as_it_is(service: Service, case_id: str, payload: Payload) -> None:
    await service.client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=service.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case_id),
            signal_name=DECIDE,
            input=Payloads(payloads=[payload]),
        ),
        retry=True,
    )


async def test_a_decision_from_the_future_is_refused(service: Service) -> None:
    case_id = await service.open()
    sent = decision(service, case_id)
    ahead = sent.model_copy(update={"at": sent.at.replace(year=sent.at.year + 1)})

    answer = await service.desk._send(case_id, ahead)

    assert (answer.outcome, answer.code) == ("refused", "from_the_future")
