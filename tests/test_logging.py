from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from runtime.logging import configure
from runtime.server import EmbeddedServer
from runtime.settings import PROJECT

CANARY = "Bernadette Quillfeather"
"""Stands for case text: no line may show it."""

log = structlog.get_logger("runtime.test_logging")

WORKER = """
import asyncio, os, sys
from pathlib import Path
from runtime.logging import configure
from runtime.settings import Settings
from runtime.temporal import connect, sandbox
from temporalio.worker import Worker
from tests.runtime_specimens import Broken, Failing, Note, echo, fail

async def main():
    home, port, queue, text = sys.argv[1:]
    client = await connect(Settings(home=Path(home), port=int(port)))
    worker = Worker(client, task_queue=queue, workflows=[Broken, Failing],
                    activities=[echo, fail], workflow_runner=sandbox())
    async with worker:
        note = Note(text=text)
        broken = await client.start_workflow(Broken.run, note, id=queue, task_queue=queue)
        while not await failed(broken):
            await asyncio.sleep(0.02)
        await broken.signal("misread", text)
        try:
            await client.execute_workflow(Failing.run, note, id=queue + "2", task_queue=queue)
        except Exception:
            print("failing case seen")
        await broken.terminate()
    raise RuntimeError(text)

async def failed(handle):
    history = await handle.fetch_history()
    return any(e.HasField("workflow_task_failed_event_attributes") for e in history.events)

configure(json=True)
try:
    asyncio.run(main())
except RuntimeError:
    sys.excepthook(*sys.exc_info())
# A plain return lets the SDK's native threads abort now and then, in words of their own.
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    hooks = sys.excepthook, threading.excepthook
    configure(json=True)
    yield
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, err = capsys.readouterr()
    assert out == ""
    assert CANARY not in err
    assert "Quillfeather" not in err
    return [json.loads(line) for line in err.splitlines()]


def test_a_fact_is_one_line_of_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("decision_applied", case_id="D-7f3a", act="D-04", seq=7, duration=0.25)
    [line] = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "decision_applied",
        "level": "info",
        "logger": "runtime.test_logging",
        "case_id": "D-7f3a",
        "act": "D-04",
        "seq": 7,
        "duration": 0.25,
    }


@pytest.mark.parametrize(
    ("given", "redacted"),
    [
        ({"reason": CANARY}, ["reason"]),  # not on the list
        ({"reason": "short"}, ["reason"]),
        ({"outcome": CANARY}, ["outcome"]),  # on the list, but a text
        ({"code": [CANARY]}, ["code"]),
        ({"code": {"a": CANARY}}, ["code"]),
        ({"act": "x" * 200}, ["act"]),
        ({"case_id": "a\nb"}, ["case_id"]),  # no line may be forged
        ({"_hidden": CANARY}, ["unnamed"]),
        ({CANARY: 1}, ["unnamed"]),  # a key may be text as well
    ],
)
def test_what_is_not_a_plain_fact_is_dropped_and_its_key_named(
    capsys: pytest.CaptureFixture[str], given: dict[str, Any], redacted: list[str]
) -> None:
    log.info("decision_applied", **given)
    [line] = lines(capsys)
    assert line["redacted"] == redacted
    assert set(line) == {"event", "level", "logger", "timestamp", "redacted"}


def test_an_event_is_a_name_and_not_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    log.info(f"decided about {CANARY}")  # noqa: G004 - the mistake meant here
    [line] = lines(capsys)
    assert line["event"] == "unnamed"


def test_an_error_is_reduced_to_its_class_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise KeyError(CANARY)  # noqa: TRY301
        except KeyError as error:
            raise ValueError(CANARY) from error
    except ValueError:
        log.exception("case_failed", case_id="D-7f3a")
        log.error("case_failed", exc_info=True, stack_info=True)  # noqa: G201
    for line in lines(capsys):
        assert line["error"] == "ValueError"
        assert line["caused_by"] == "KeyError"
        assert "test_logging:" in line["error_at"]


@pytest.mark.parametrize("name", ["temporalio.worker", "sqlalchemy", "asyncio", "another"])
def test_of_a_librarys_words_only_their_place_is_kept(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    library = logging.getLogger(name)
    library.error("failed on %s", CANARY, extra={"input": CANARY}, exc_info=ValueError(CANARY))
    library.error("%d", CANARY)  # cannot even be formatted
    library.info("chatter")
    first, second = lines(capsys)
    assert first["event"] == second["event"] == "library_message"
    assert first["logger"] == name
    assert first["at"].startswith("test_logging:")
    assert first["error"] == "ValueError"


def test_warnings_and_crashes_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        configure(json=True)
        warnings.warn(CANARY, stacklevel=1)
    sys.excepthook(RuntimeError, RuntimeError(CANARY), None)
    warning, crash = lines(capsys)
    assert warning["logger"] == "py.warnings"
    assert crash["event"] == "crashed"
    assert crash["error"] == "RuntimeError"


def test_configured_again_it_does_not_speak_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    log.info("server_started")
    assert len(lines(capsys)) == 1


def test_on_a_terminal_the_same_facts_are_written_for_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(json=False)
    log.info("decision_applied", seq=7, reason=CANARY)
    _, err = capsys.readouterr()
    assert "decision_applied" in err
    assert "seq" in err
    assert "Quillfeather" not in err


async def test_a_failing_case_leaves_no_case_text_in_any_output(server: EmbeddedServer) -> None:
    queue = uuid.uuid4().hex
    # Two words, because one could pass for an id.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER,
        str(server.settings.home), str(server.settings.port), queue, CANARY,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=PROJECT,
    )  # fmt: skip
    out, err = await process.communicate()
    assert b"Quillfeather" not in out + err
    assert out == b"failing case seen\n"
    assert process.returncode == 0
    told = [json.loads(line) for line in err.decode().splitlines()]
    assert "temporalio.workflow" in {line["logger"] for line in told}
    assert "ValueError" in {line.get("error") for line in told}
    assert told[-1]["event"] == "crashed"
