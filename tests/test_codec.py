from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import RawValue
from temporalio.converter import (
    ActivitySerializationContext,
    NexusSerializationContext,
    SerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

from runtime.codec import CaseCodec, UnreadablePayload, data_converter
from runtime.keyring import KeyRing, UnknownKey
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from runtime.temporal import connect, replayer, sandbox
from tests.runtime_specimens import Failing, Note, Notepad, Trusting, echo, fail

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"text"')


def sealed(data: bytes) -> Payload:
    """Something that says it is encrypted."""
    return Payload(metadata={"encoding": b"binary/encrypted"}, data=data)


def new_id() -> str:
    return uuid.uuid4().hex


def working(client: Client, *, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[Notepad, Failing, Trusting],
        activities=[echo, fail],
        workflow_runner=sandbox(),
    )


async def noted(client: Client, text: str, queue: str) -> WorkflowHandle[Notepad, list[str]]:
    return await client.start_workflow(
        Notepad.run, Note(text=text), id=new_id(), task_queue=queue, memo={"first": text}
    )


async def plain_client(server: EmbeddedServer) -> Client:
    """What anybody with the ordinary tools has."""
    return await Client.connect(server.address)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keyring.json")


def bound(ring: KeyRing, workflow_id: str, namespace: str = "default") -> CaseCodec:
    context = WorkflowSerializationContext(namespace=namespace, workflow_id=workflow_id)
    return CaseCodec(ring, namespace).with_context(context)


def activity_of(workflow_id: str | None) -> ActivitySerializationContext:
    return ActivitySerializationContext(
        namespace="default",
        activity_id="1",
        activity_type="echo",
        activity_task_queue="q",
        workflow_id=workflow_id,
        workflow_type="Notepad",
        is_local=False,
    )


async def moved(source: CaseCodec, target: CaseCodec) -> Payload:
    return (await target.decode(await source.encode([PLAIN])))[0]


async def test_a_payload_is_opened_only_for_the_case_it_was_sealed_for(ring: KeyRing) -> None:
    assert await moved(bound(ring, "a"), bound(ring, "a")) == PLAIN
    elsewhere = [bound(ring, "b"), bound(ring, "a", "other"), CaseCodec(ring, "default")]
    for codec in elsewhere:
        assert (await moved(bound(ring, "a"), codec)).metadata["code"] == b"not_genuine"


async def test_a_case_and_its_activities_read_each_other(ring: KeyRing) -> None:
    inside = CaseCodec(ring, "default").with_context(activity_of("a"))
    assert await moved(bound(ring, "a"), inside) == PLAIN
    assert await moved(inside, bound(ring, "a")) == PLAIN


@pytest.mark.parametrize(
    "context",
    [NexusSerializationContext(endpoint="e", service="s", operation="o"), activity_of(None)],
    ids=["nexus", "activity without a case"],
)
async def test_where_there_is_no_case_a_payload_is_bound_to_the_namespace(
    ring: KeyRing, context: SerializationContext
) -> None:
    free = CaseCodec(ring, "default")
    caseless = free.with_context(context)
    assert await moved(free, caseless) == PLAIN
    assert (await moved(caseless, CaseCodec(ring, "other"))).metadata["code"] == b"not_genuine"
    assert (await moved(caseless, bound(ring, "a"))).metadata["code"] == b"not_genuine"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (PLAIN, "not_encrypted"),
        (Payload(), "not_encrypted"),
        (Payload(metadata={"encoding": b"binary/unreadable"}, data=b"x"), "not_encrypted"),
        (sealed(b""), "not_genuine"),
        (sealed(b"\x01\x01\xff" * 20), "not_genuine"),
        (sealed(b"\x01\x01k" + b"\x00" * 40), "unknown_key"),
    ],
)
async def test_what_cannot_be_believed_is_marked_and_never_raises(
    ring: KeyRing, payload: Payload, code: str
) -> None:
    [marked] = await bound(ring, "a").decode([payload])
    digest = hashlib.sha256(payload.data).hexdigest()
    read: object = data_converter(ring, "default").payload_converter.from_payload(marked, Note)
    assert marked.metadata["encoding"] == b"binary/unreadable"
    assert read == UnreadablePayload(code, digest)


async def test_a_registered_key_that_is_not_here_is_waited_for(ring: KeyRing) -> None:
    [sealed] = await bound(ring, "a").encode([PLAIN])
    old = ring.primary
    KeyRing.rotate(ring.path)
    content = json.loads(ring.path.read_text())
    content["keys"][old], kept = None, content["keys"][old]
    ring.path.write_text(json.dumps(content))
    worker = bound(KeyRing.load(ring.path), "a")
    with pytest.raises(UnknownKey):
        await worker.decode([sealed])
    content["keys"][old] = kept
    ring.path.write_text(json.dumps(content))
    assert await worker.decode([sealed]) == [PLAIN]


def on_disk(server: EmbeddedServer, text: str) -> int:
    """How often a text stands in the server's files."""
    files = server.settings.home.glob("temporal.db*")
    return sum(file.read_bytes().count(text.encode()) for file in files)


async def test_a_case_runs_encrypted_and_leaves_no_text_in_the_database(
    client: Client, server: EmbeddedServer
) -> None:
    queue, text = new_id(), f"canary-{new_id()}"
    async with working(client, queue=queue):
        handle = await noted(client, text, queue)
        assert await handle.execute_update(Notepad.add, Note(text=text)) == Note(text=text)
        await handle.signal("say", Note(text=text))
        assert text in await handle.query(Notepad.so_far)
        await handle.signal("finish")
        assert await handle.result() == [text] * 3
    assert await (await handle.describe()).memo() == {"first": text, "memo": text}
    assert on_disk(server, handle.id) > 0
    assert on_disk(server, text) == 0


async def test_a_failure_reaches_its_reader_and_leaves_no_text_in_the_database(
    client: Client, server: EmbeddedServer
) -> None:
    queue, text = new_id(), f"canary-{new_id()}"
    async with working(client, queue=queue):
        handle = await client.start_workflow(
            Failing.run, Note(text=text), id=new_id(), task_queue=queue
        )
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
    outer = caught.value.cause
    assert isinstance(outer, ApplicationError)
    assert str(outer) == f"gave up on {text}"
    assert isinstance(outer.cause, ActivityError)
    assert str(outer.cause.cause) == f"cannot do {text}"
    assert on_disk(server, text) == 0


async def test_a_plain_message_is_refused_and_the_case_goes_on(
    client: Client, server: EmbeddedServer
) -> None:
    queue, text = new_id(), f"canary-{new_id()}"
    stranger = await plain_client(server)
    async with working(client, queue=queue):
        handle = await noted(client, "mine", queue)
        await stranger.get_workflow_handle(handle.id).signal("say", text)
        await handle.signal("say", Note(text="still here"))
        await handle.signal("finish")
        assert sorted(await handle.result()) == ["mine", "not_encrypted", "still here"]
    # What is sent in plain text does lie in the file: the search for text finds what is there.
    assert on_disk(server, text) > 0


async def test_a_message_copied_from_another_case_is_refused(
    client: Client, server: EmbeddedServer
) -> None:
    queue = new_id()
    stranger = await plain_client(server)
    async with working(client, queue=queue):
        one, other = await noted(client, "one", queue), await noted(client, "other", queue)
        await one.signal("say", Note(text="yes"))
        sent = await _signalled(stranger.get_workflow_handle(one.id))
        await stranger.get_workflow_handle(other.id).signal("say", RawValue(sent))
        for handle in (one, other):
            await handle.signal("finish")
        assert "yes" in await one.result()
        assert sorted(await other.result()) == ["not_genuine", "other"]


async def _signalled(handle: WorkflowHandle[Any, Any]) -> Payload:
    """The first signal's payload, once the server has written it (it waits for a running task)."""
    while True:
        for event in (await handle.fetch_history()).events:
            if event.HasField("workflow_execution_signaled_event_attributes"):
                return event.workflow_execution_signaled_event_attributes.input.payloads[0]
        await asyncio.sleep(0.02)


class _WithHeader(Interceptor, OutboundInterceptor):
    """Sends a text in a header, as a tracing library might."""

    def __init__(self, text: str) -> None:
        self.text = text

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        OutboundInterceptor.__init__(self, next)
        return self

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        payload = Payload(metadata={"encoding": b"json/plain"}, data=self.text.encode())
        input.headers = {**input.headers, "note": payload}
        return await self.next.start_workflow(input)


async def test_a_header_leaves_no_text_in_the_database_and_stops_no_case(
    client: Client, server: EmbeddedServer
) -> None:
    queue, text = new_id(), f"canary-{new_id()}"
    options = client.config()
    options["interceptors"] = [_WithHeader(text)]
    async with working(client, queue=queue):
        handle = await noted(Client(**options), "mine", queue)
        await handle.signal("finish")
        assert await handle.result() == ["mine"]
    history = await handle.fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    assert started.header.fields["note"].metadata["encoding"] == b"binary/encrypted"
    assert on_disk(server, text) == 0


async def test_a_case_opened_in_plain_text_gets_no_input_and_does_not_hang(
    client: Client, server: EmbeddedServer
) -> None:
    queue = new_id()
    stranger = await plain_client(server)
    async with working(client, queue=queue):
        handle = await stranger.start_workflow("Trusting", "text", id=new_id(), task_queue=queue)
        assert await client.get_workflow_handle(handle.id).result() == "UnreadablePayload"


async def test_histories_replay_with_the_shared_set_up(
    client: Client, server: EmbeddedServer
) -> None:
    queue = new_id()
    stranger = await plain_client(server)
    async with working(client, queue=queue):
        handle = await noted(client, "mine", queue)
        await stranger.get_workflow_handle(handle.id).signal("say", "plain")
        await handle.signal("finish")
        await handle.result()
    result = await replayer([Notepad], server.settings).replay_workflow(
        await handle.fetch_history()
    )
    assert result.replay_failure is None


async def test_a_key_that_comes_late_delays_a_message_and_loses_nothing(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    old = server.settings.key_ring_file
    desk, worker = tmp_path / "desk.json", tmp_path / "worker.json"
    shutil.copy2(old, desk)
    new = KeyRing.rotate(desk)
    complete = json.loads(desk.read_text())
    partly = json.loads(old.read_text())
    partly["keys"][new.primary] = None
    shutil.copy2(old, worker)
    worker.write_text(json.dumps(partly))

    def using(file: Path) -> Settings:
        return server.settings.model_copy(update={"key_ring": file})

    at_desk, at_work = await connect(using(desk)), await connect(using(worker))
    queue = new_id()
    async with working(at_work, queue=queue):
        handle = await noted(at_work, "first", queue)
        same = at_desk.get_workflow_handle_for(Notepad.run, handle.id)
        while await same.query(Notepad.so_far) != ["first"]:
            await asyncio.sleep(0.02)
        await same.signal("say", Note(text="late"))
        await _until_a_task_failed(handle)
        worker.write_text(json.dumps(complete))
        await same.signal("finish")
        assert await same.result() == ["first", "late"]


async def _until_a_task_failed(handle: WorkflowHandle[Notepad, list[str]]) -> None:
    while True:
        history = await handle.fetch_history()
        if any(e.HasField("workflow_task_failed_event_attributes") for e in history.events):
            return
        await asyncio.sleep(0.02)
