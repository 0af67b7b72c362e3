"""Small workflows for the tests of codec, server and logging."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.base import Value

ONCE = RetryPolicy(maximum_attempts=1)


class Note(Value):
    """Stands for case text."""

    text: str


@activity.defn
async def echo(note: Note) -> Note:
    """Give back what came."""
    return note


@activity.defn
async def fail(note: Note) -> None:
    """Fail with the case text in the message."""
    raise ApplicationError(f"cannot do {note.text}")


@workflow.defn
class Notepad:
    """Hears every signal, opens what it can, and says at the end what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.done = False

    @workflow.signal(dynamic=True)
    def anything(self, name: str, args: Sequence[RawValue]) -> None:
        """Take any signal: a text when it can be opened, else why not."""
        if name == "finish":
            self.done = True
            return
        self.heard.extend(self._read(raw) for raw in args)

    def _read(self, raw: RawValue) -> str:
        if raw.payload.metadata["encoding"] == b"binary/unreadable":
            return raw.payload.metadata["code"].decode()
        note: Note = workflow.payload_converter().from_payload(raw.payload, Note)
        return note.text

    @workflow.query
    def so_far(self) -> list[str]:
        """What was heard so far."""
        return self.heard

    @workflow.update
    def add(self, note: Note) -> Note:
        """Answer an update."""
        self.heard.append(note.text)
        return note

    @workflow.run
    async def run(self, note: Note) -> list[str]:
        """Send the text everywhere a payload can go, then wait for `finish`."""
        minute = timedelta(minutes=1)
        again = await workflow.execute_activity(
            echo, note, start_to_close_timeout=minute, retry_policy=ONCE
        )
        local = await workflow.execute_local_activity(
            echo, again, start_to_close_timeout=minute, retry_policy=ONCE
        )
        workflow.upsert_memo({"memo": note.text})
        self.heard.append(local.text)
        await workflow.wait_condition(lambda: self.done, timeout_summary=note.text)
        return self.heard


@workflow.defn
class Failing:
    """Fails with the case text in its failure, and in the failure's cause."""

    @workflow.run
    async def run(self, note: Note) -> None:
        """Fail by way of an activity."""
        try:
            await workflow.execute_activity(
                fail, note, start_to_close_timeout=timedelta(minutes=1), retry_policy=ONCE
            )
        except Exception as error:
            raise ApplicationError(f"gave up on {note.text}", note) from error


@workflow.defn
class Broken:
    """Its workflow task fails, with the case text in the error, and is tried again for ever."""

    @workflow.run
    async def run(self, note: Note) -> None:
        """Raise what is a fault in the code and not an answer."""
        workflow.logger.warning("about to break on %s", note.text)
        raise ValueError(note.text)

    @workflow.signal
    def misread(self, number: int) -> None:
        """A signal whose argument will not fit."""


@workflow.defn
class Trusting:
    """Takes its input as it comes, whatever it is."""

    @workflow.run
    async def run(self, note: Any) -> str:
        """Name the class of the input."""
        return type(note).__name__
