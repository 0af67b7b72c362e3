"""The verbs of the command line about the service: try, check, publish, keep. Each gives an `Answer`."""

# ruff: noqa: PLC0415 - a verb loads only what it needs

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, Misconfigured, Unavailable
from models.london import london
from models.looked import LISTS
from models.working_time import CalendarSnapshot
from runtime.answers import NOT_AVAILABLE, REFUSED, Answer
from runtime.keyring import KeyRing
from runtime.settings import PROJECT, settings

if TYPE_CHECKING:
    from activities.looks import LooksVerdict
    from runtime.audit import Audit
    from runtime.verifying import Verified

Tick = Callable[[], None]
"""Called once for each piece of long work that is done."""


def due(start: str, amount: str, *, wall: bool) -> Answer:
    """When an amount of time has passed, day by day."""
    from runtime import dates

    found = dates.reckon(start, amount, _calendar(), wall=wall)
    explained = found.explanation
    document = explained.model_dump(mode="json") | {
        "note": found.note,
        "london": london(explained.due),
    }
    return Answer(document, [*explained.lines(), *([found.note] if found.note else [])])


def _calendar() -> CalendarSnapshot:
    """The calendar that holds here; that of the policy where no ledger says more."""
    import policy
    from activities.ledger import Ledger
    from runtime import calendar_changes
    from runtime.deeds import Deeds

    try:
        with Ledger(settings().database_url, None) as ledger:
            return calendar_changes.calendar(Deeds(ledger))
    except Unavailable:
        return policy.calendar()


def rehearse(story: str, where: str) -> Answer:
    """Play a story on the core or on a real server."""
    from runtime.rehearsal import Facts, check, play_on_core, read_story, render

    try:
        read = read_story(Path(story))
        directory = Facts(read).directory
    except Misconfigured as fault:
        # A story is the input of whoever tries it, not a setting of the operator's.
        raise BadInput(str(fault)) from None
    played = play_on_core(read) if where == "core" else _on_server(read)
    faults = check(read, played)
    document = played.as_json() | {"faults": faults}
    lines = [render(played, directory).rstrip("\n"), *faults]
    verdict = f"{len(faults)} expectations failed." if faults else "Everything came as expected."
    return Answer(document, [*lines, verdict], REFUSED if faults else 0)


def _on_server(story: Any) -> Any:
    from runtime import logging
    from runtime.rehearsal import server

    logging.configure()
    return asyncio.run(server.play_on_server(story))


def verify(
    case_id: str | None,
    person: str | None,
    progress: Callable[[int], AbstractContextManager[Tick]],
) -> Answer:
    """Check the chain of one case or all, every value, every kept file, and who looked."""
    from runtime.verbs import desk_of_settings, noted_verification
    from runtime.verifying import other_looks, verified

    with desk_of_settings() as desk:
        # Before the long work, not after it.
        person = desk.directory.find(person).id if person else None
        total = 1 if case_id else len(desk.ledger.heads())
        # Raises Damaged: a list that was tampered with is no list to go on from.
        desk.ledger.check_deeds()
        every: list[Verified] = []
        with progress(total) as tick:
            for each in verified(desk, case_id):
                every.append(each)
                tick()
        looks = [one.looks for one in every if one.looks is not None]
        if case_id is None:
            looks += other_looks(desk, {one.audit.case_id for one in every})
        noted = noted_verification(desk, person, case_id, len(every))
    return _verdict(every, looks, noted=noted)


LOOKED_AT = {LISTS: "lists of cases"}


def _verdict(every: Sequence[Verified], looks: Sequence[LooksVerdict], *, noted: bool) -> Answer:
    found = [each.audit for each in every]
    damaged = [fault for each in every for fault in each.files]
    lists = next((one for one in looks if one.case_id == LISTS), None)
    looks = [one for one in looks if not one.ok]
    wrong = [one for one in found if not one.ok]
    lines = [
        *(f"{one.case_id}: {one.said} ({one.fault})" for one in wrong),
        *(f"{one.case_id}: {one.said}" for one in damaged),
        *(
            f"{LOOKED_AT.get(one.case_id, one.case_id)}: who looked is not as it was recorded,"
            f" from look {one.broken_seq} on"
            for one in looks
        ),
    ]
    document = {
        "ok": not lines,
        "recorded": noted,
        "entries": sum(one.entries for one in found),
        "files": [one.model_dump(mode="json") for one in damaged],
        "looks": [one.model_dump(mode="json") for one in looks],
        "lists": lists.model_dump(mode="json") if lists else None,
        "cases": [one.model_dump(mode="json") | {"ok": one.ok} for one in found],
    }
    unsaid = [] if noted else ["That you verified could not be recorded: the ledger takes no look."]
    summary = _in_short(found, len(damaged), len(looks))
    return Answer(document, [*lines, summary, *unsaid], REFUSED if lines else 0)


def _in_short(found: Sequence[Audit], damaged: int, looks: int) -> str:
    wrong = sum(not one.ok for one in found)
    reworded = sum(one.reworded for one in found)
    entries = sum(one.entries for one in found)
    verdict = "Every chain holds and every value came out the same."
    if reworded:
        verdict += f" {reworded} of them would be said in other words today."
    if wrong:
        verdict = (
            f"{wrong} of {len(found)} cases are not as they were recorded, or cannot be checked."
        )
    if looks:
        places = "one place" if looks == 1 else f"{looks} places"
        verdict += f" The record of looks does not hold in {places}."
    files = f"{damaged} evidence files are not as they were kept. " if damaged else ""
    cases = f"{len(found)} case{'s' * (len(found) != 1)}"
    return f"Checked {cases}, {entries} entries. {files}{verdict}"


def replay(case_id: str) -> Answer:
    """Let Temporal's replayer read a case's history again."""
    from runtime import logging
    from runtime.replay import replay as replayed

    logging.configure()
    found = asyncio.run(replayed(case_id, settings()))
    runs = f"{found.runs} run{'s' * (found.runs != 1)}, {found.events} events"
    verdict = (
        f"{case_id}: today's program reads its history in the same order ({runs})."
        if found.ok
        else f"{case_id}: today's program does not read its history in the same order "
        f"({found.fault}; {runs}). Do not deploy it: cases under way would stop."
    )
    document = found.model_dump(mode="json") | {"ok": found.ok}
    return Answer(document, [verdict], 0 if found.ok else REFUSED)


def publish(pages: dict[str, str], *, check: bool) -> Answer:
    """Write diagrams/ and the pages of the doors by their names, or say which of them are stale."""
    from runtime import publish as published

    folder = PROJECT / "diagrams"
    texts = {PROJECT / name: text for name, text in pages.items()}
    if check:
        stale = published.stale(folder)
        for page, text in texts.items():
            if not page.is_file() or page.read_text(encoding="utf-8") != text:
                stale.append(page)
        names = _names(stale)
        lines = [f"stale: {name}" for name in names] + ["Run `make publish`."] * bool(names)
        return Answer({"stale": names}, lines or ["Nothing is stale."], REFUSED if names else 0)
    written = published.publish(folder)
    for page, text in texts.items():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
    names = _names([*written, *texts])
    return Answer({"written": names}, [f"written: {name}" for name in names])


def _names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(PROJECT)) for path in paths]


def doctor() -> Answer:
    """The self-check: everything, one line each."""
    from runtime import checks, logging, showing

    logging.configure()
    try:
        found = asyncio.run(checks.doctor(settings()))
        found.insert(0, checks.Check(name="Settings", ok=True, said="can be read"))
    except Misconfigured as fault:
        found = [checks.Check(name="Settings", ok=False, said=str(fault))]
    wrong = sum(check.ok is False for check in found)
    last = (
        f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong."
        if wrong
        else "Everything is in order."
    )
    document = {"ok": not wrong, "checks": [check.model_dump(mode="json") for check in found]}
    return Answer(document, [*showing.checks(found), last], NOT_AVAILABLE if wrong else 0)


def new_key() -> Answer:
    """Make a key ring where there is none; never beside cases that another one encrypted."""
    chosen = settings()
    kept = [file for file in (chosen.home / "ledger.db", chosen.temporal_file) if file.exists()]
    if kept and not chosen.key_ring_file.exists():
        raise Misconfigured(
            f"There are cases in {chosen.home} that were encrypted with another key ring. None was "
            "made: a new one could not read them. Put the old file back as "
            f"{chosen.key_ring_file}, or set CASEWORK_HOME to another folder."
        )
    return _ring(KeyRing.create(chosen.key_ring_file), "A new key ring was made")


def rotate_key() -> Answer:
    """Add a new key to the ring and encrypt with it from now on."""
    return _ring(KeyRing.rotate(settings().key_ring_file), "A new key was added")


def _ring(ring: KeyRing, what: str) -> Answer:
    document = {"key_ring": str(ring.path), "primary": ring.primary}
    return Answer(
        document,
        [f"{what}: {ring.path}, key {ring.primary}.", "Keep a copy of the file somewhere safe."],
    )
