"""`casework`: the command line. It speaks to the desk, never to Temporal.

Each verb loads only what it needs, so that help is there at once.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from runtime import loading  # first of all: from here on Ctrl-C ends it without a traceback

# isort: split
import os
import sys
from enum import StrEnum
from typing import Annotated, cast

import typer
from typer.core import TyperGroup

from runtime.command_group import Verbs, give, stopped, working

__all__ = ["app", "cli_page", "main"]


app = typer.Typer(
    name="casework",
    cls=Verbs,
    help="Cases of the social media policy: open, decide, look, check.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="The ring of encryption keys.", rich_markup_mode=None)
files = typer.Typer(help="Evidence files of a case.", rich_markup_mode=None)
away = typer.Typer(help="Who is away, and who covers: for administrators.", rich_markup_mode=None)
days = typer.Typer(help="The days that are closed: for administrators.", rich_markup_mode=None)
told = typer.Typer(help="Notices that were given up: for administrators.", rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference, case-...")]
As = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who you are: id, e-mail address or name.")
]
Reader = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="PERSON",
        help="Who looks, for the record of looks; left out, your account on this machine.",
    ),
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]


@app.command("open")
def open_case(
    procedure: Annotated[
        str, typer.Argument(metavar="PROCEDURE", help="Its letter or id: D, court_directed_access.")
    ],
    form: Annotated[
        str, typer.Option(metavar="FILE", help="The form as YAML or JSON; - for standard input.")
    ],
    person: As,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Send nothing: show who decides what by when, and why."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Open a case from a form. The same form sent twice is one case."""
    from runtime import verbs

    verb = verbs.dry_run if dry_run else verbs.open_case
    give(verb(procedure, form, person), as_json)


@app.command()
def decide(
    case: Case,
    act: Annotated[str, typer.Argument(metavar="ACT", help="Its name or id: agree, D-04.")],
    person: As,
    reason: Annotated[str, typer.Option(help="Why; deciding acts need one.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="One field of the act; may be repeated."),
    ] = None,
    fields: Annotated[
        str | None, typer.Option(metavar="FILE", help="The fields as YAML or JSON.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="The role you act in, if you hold several.")
    ] = None,
    on_behalf_of: Annotated[
        str | None, typer.Option("--for", metavar="PERSON", help="Whom you act for.")
    ] = None,
    saw: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="The last trail entry you were shown."),
    ] = None,
    decision_id: Annotated[
        str | None,
        typer.Option("--id", help="Your own id for it: sent twice with one id, it counts once."),
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Send it and do not wait for the receipt.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take an act in a case. The receipt says: applied, refused and why, or held as late."""
    from runtime import verbs

    answer = verbs.decide(
        case, act, person, reason=reason, pairs=field or [], fields_file=fields, role=role,
        on_behalf_of=on_behalf_of, saw=saw, decision_id=decision_id, wait=not no_wait,
    )  # fmt: skip
    give(answer, as_json)


@app.command()
def advice(
    case: Case,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", min=1, help="Its number in the trail.")],
    person: As,
    as_json: Json = False,
) -> None:
    """Read privileged advice: for those who gave it or decide on it; that you did is kept."""
    from runtime import verbs_of_evidence

    give(verbs_of_evidence.advice(case, entry, person), as_json)


@app.command()
def inbox(person: As, as_json: Json = False) -> None:
    """What is waiting for somebody: overdue first, then by due time."""
    from runtime import verbs

    give(verbs.inbox(person), as_json)


@app.command()
def show(case: Case, person: Reader = None, as_json: Json = False) -> None:
    """Where a case stands, its open work, and what can be done now; that you looked is kept.

    With --as, only what that person can do.
    """
    from runtime import verbs

    give(verbs.show(case, person), as_json)


@app.command()
def trail(case: Case, person: Reader = None, as_json: Json = False) -> None:
    """Everything that happened to a case; that you looked is kept.

    Of privileged entries only who, when and the conclusion are shown.
    """
    from runtime import verbs

    give(verbs.trail(case, person), as_json)


@app.command()
def bundle(
    cases: Annotated[
        list[str], typer.Argument(metavar="CASE...", help="References of one or more cases.")
    ],
    person: As,
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to write it; a new file.")],
    files: Annotated[
        bool,
        typer.Option("--files", help="Put the evidence files in; their custody lists say so."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the evidence bundle of cases, for auditors: a zip that anybody can check."""
    from runtime import verbs_of_evidence

    give(verbs_of_evidence.bundle(cases, person, out, files=files), as_json)


@app.command("list")
def list_cases(
    procedure: Annotated[str | None, typer.Option(help="Only this procedure.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state: id or code.")] = None,
    still_open: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only open, or only closed cases.")
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only with overdue work.")] = False,
    reference: Annotated[
        str | None, typer.Option(help="Only this reference, or those that begin with it.")
    ] = None,
    limit: Limit = 100,
    person: Reader = None,
    as_json: Json = False,
) -> None:
    """Cases, the newest first; that you looked is kept."""
    from runtime import verbs

    closed = None if still_open is None else not still_open
    answer = verbs.cases(
        procedure, state, person, closed=closed, overdue=overdue, reference=reference, limit=limit
    )
    give(answer, as_json)


@app.command()
def outbox(
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Only notices to this person.")
    ] = None,
    case: Annotated[str | None, typer.Option(help="Only notices of this case.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those given up.")] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """Notices to people, the newest first."""
    from runtime import verbs

    give(verbs.outbox(person, case, failed=failed, limit=limit), as_json)


@app.command()
def looks(
    person: As,
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="Left out: looks at lists of cases.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help="What this person looked at: that case, or anything."),
    ] = None,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """Who looked at a case or at lists, the newest first: for auditors; that you did is kept."""
    from runtime import verbs_of_looks

    give(verbs_of_looks.looks(person, case, by, limit), as_json)


@app.command()
def due(
    start: Annotated[
        str, typer.Argument(metavar="START", help='From when, London time: "2026-12-24 15:30".')
    ],
    amount: Annotated[
        str, typer.Argument(metavar="AMOUNT", help="How long, in working time: 16h, 16wh, 30min.")
    ],
    wall: Annotated[bool, typer.Option("--wall", help="Count every hour of every day.")] = False,
    as_json: Json = False,
) -> None:
    """When working time has passed, every day counted or skipped."""
    from runtime import verbs_of_service

    give(verbs_of_service.due(start, amount, wall=wall), as_json)


class Stage(StrEnum):
    """Where a story is played."""

    CORE = "core"
    SERVER = "server"


@app.command()
def rehearse(
    story: Annotated[str, typer.Argument(metavar="STORY", help="The story, a YAML file.")],
    where: Annotated[
        Stage, typer.Option("--on", help="The core takes milliseconds; the server is the real one.")
    ] = Stage.CORE,
    as_json: Json = False,
) -> None:
    """Play a story of timed acts; exit code 3 if something came otherwise."""
    from runtime import verbs_of_service

    with working("Playing the story", None, shown=where is Stage.SERVER):
        answer = verbs_of_service.rehearse(story, where.value)
    give(answer, as_json)


@app.command()
def verify(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="Left out: all.")] = None,
    person: Reader = None,
    as_json: Json = False,
) -> None:
    """Check the hash chain and who looked, and work every value out again; that you did is kept."""
    from runtime import verbs_of_service

    answer = verbs_of_service.verify(case, person, lambda total: working("Checking cases", total))
    give(answer, as_json)


@app.command()
def replay(case: Case, as_json: Json = False) -> None:
    """Replay a case's history in Temporal with today's program."""
    from runtime import verbs_of_service

    with working("Replaying", None):
        answer = verbs_of_service.replay(case)
    give(answer, as_json)


@app.command()
def publish(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name what is stale.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write diagrams/, docs/cli.md and docs/api/openapi.json again."""
    from runtime import verbs_of_service
    from web.api.app import described

    pages = {"docs/cli.md": cli_page(), "docs/api/openapi.json": described()}
    give(verbs_of_service.publish(pages, check=check), as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check everything the service needs, one line each."""
    from runtime import verbs_of_service

    give(verbs_of_service.doctor(), as_json)


@keys.command("new")
def key_new(as_json: Json = False) -> None:
    """Make the key ring, where there is none."""
    from runtime import verbs_of_service

    give(verbs_of_service.new_key(), as_json)


@keys.command("rotate")
def key_rotate(as_json: Json = False) -> None:
    """Add a new key and encrypt with it from now on; the old ones stay, for reading."""
    from runtime import verbs_of_service

    give(verbs_of_service.rotate_key(), as_json)


@files.command("add")
def evidence_add(
    case: Case,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="PNG, JPEG, WEBP or PDF, at most 20 MB.")
    ],
    person: As,
    title: Annotated[str, typer.Option(help="What it shows, without names of a family.")],
    no_indecent_image: Annotated[
        bool,
        typer.Option(
            "--no-indecent-image",
            help="You have made sure that it shows no indecent image of a child. Without this the "
            "file is not opened, and you are told what to do instead.",
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is added.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="More of the post (address=..., visibility=...); repeatable."
        ),
    ] = None,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="The role you act in, if you hold several.")
    ] = None,
    decision_id: Annotated[
        str | None,
        typer.Option("--id", help="Your own id for it: sent twice with one id, it counts once."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep a file, sealed, and add it to a case by its hash."""
    from runtime import verbs_of_evidence

    answer = verbs_of_evidence.add(
        case, file, person, title, confirmed=no_indecent_image, reason=reason, pairs=field or [],
        role=role, decision_id=decision_id,
    )  # fmt: skip
    give(answer, as_json)


@files.command("list")
def evidence_list(case: Case, person: As, as_json: Json = False) -> None:
    """The files a case names, and who had them in hand."""
    from runtime import verbs_of_evidence

    give(verbs_of_evidence.listed(case, person), as_json)


class Why(StrEnum):
    """What a file is taken out for."""

    CASE_WORK = "case_work"
    AUDIT = "audit"
    DISCLOSURE = "disclosure"


@files.command("get")
def evidence_get(
    case: Case,
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="The hash of the original.")],
    person: As,
    to: Annotated[str, typer.Option(metavar="FILE", help="Where to write it; a new file.")],
    working_copy: Annotated[
        bool, typer.Option("--working-copy", help="The copy without metadata.")
    ] = False,
    purpose: Annotated[Why, typer.Option(help="What it is for; the custody list keeps it.")] = (
        Why.CASE_WORK
    ),
    as_json: Json = False,
) -> None:
    """Write a file of a case to a new file; the custody list says who did."""
    from runtime import verbs_of_evidence

    give(
        verbs_of_evidence.get(
            case, sha256, person, to, working_copy=working_copy, purpose=purpose.value
        ),
        as_json,
    )


Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Its number in the list.")]


@away.command("record")
def absence_record(
    who: Annotated[str, typer.Argument(metavar="WHO", help="Who is away.")],
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day away, London.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day away; it counts.")],
    person: As,
    delegate: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Who covers; left out: the next manager.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record that somebody is away; their open work moves at once."""
    from runtime import verbs_of_administration as verbs

    give(verbs.record_absence(person, who, first, last, delegate), as_json)


@away.command("withdraw")
def absence_withdraw(number: Number, person: As, as_json: Json = False) -> None:
    """End an absence now, or take it back before it begins."""
    from runtime import verbs_of_administration as verbs

    give(verbs.withdraw_absence(person, number), as_json)


@away.command("list")
def absence_list(as_json: Json = False) -> None:
    """Absences that were recorded beside the directory file."""
    from runtime import verbs_of_administration as verbs

    give(verbs.absences(), as_json)


@days.command("list")
def calendar_list(as_json: Json = False) -> None:
    """The calendar that holds now, and every change that was proposed."""
    from runtime import verbs_of_administration as verbs

    give(verbs.calendar(), as_json)


@days.command("propose")
def calendar_propose(
    person: As,
    why: Annotated[str, typer.Option(help="Who proclaimed it, and where it is said.")],
    day: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The closed day; left out: bring the newest calendar."),
    ] = None,
    name: Annotated[str, typer.Option(help="Its name.")] = "The calendar as it is now",
    as_json: Json = False,
) -> None:
    """Propose a closed day; every open case's old and new deadline is shown, none is changed."""
    from runtime import verbs_of_administration as verbs

    with working("Working out deadlines", None, shown=not as_json):
        answer = verbs.propose(person, day, name, why)
    give(answer, as_json)


@days.command("show")
def calendar_show(
    number: Number,
    again: Annotated[
        str | None,
        typer.Option("--again-as", metavar="PERSON", help="Work it out anew, as this person."),
    ] = None,
    as_json: Json = False,
) -> None:
    """A proposal with every old and new deadline, or how far the news of it has got."""
    from runtime import verbs_of_administration as verbs

    with working("Working out deadlines", None, shown=not as_json):
        answer = verbs.proposal(number, again_as=again)
    give(answer, as_json)


@days.command("confirm")
def calendar_confirm(
    number: Number,
    person: As,
    shown: Annotated[str, typer.Option(metavar="DIGEST", help="What you were shown.")],
    as_json: Json = False,
) -> None:
    """Confirm what was shown, as a second administrator; every open case hears of it."""
    from runtime import verbs_of_administration as verbs

    give(verbs.confirm(person, number, shown), as_json)


@days.command("drop")
def calendar_drop(number: Number, person: As, as_json: Json = False) -> None:
    """Give a proposal up."""
    from runtime import verbs_of_administration as verbs

    give(verbs.drop(person, number), as_json)


@told.command("retry")
def notices_retry(
    person: As,
    notice: Annotated[
        list[str] | None, typer.Argument(metavar="[NOTICE]...", help="Which; see casework outbox.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every one that was given up.")] = False,
    as_json: Json = False,
) -> None:
    """Try notices again that were given up."""
    from runtime import verbs_of_administration as verbs

    give(verbs.retry_notices(person, notice or [], every=every), as_json)


app.add_typer(keys, name="key")
app.add_typer(files, name="evidence")
app.add_typer(away, name="absence")
app.add_typer(days, name="calendar")
app.add_typer(told, name="notices")


def cli_page() -> str:
    """The text of docs/cli.md."""
    from runtime.command_page import command_page

    return command_page(cast("TyperGroup", typer.main.get_command(app)), "casework")


def main() -> None:
    """The program `casework`."""
    code = 1
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        code = stopped(as_json="--json" in sys.argv)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # Whoever read the output has gone (`casework list | head`).
        code = 1
    # A plain return lets the SDK's native threads abort the process now and then (S4).
    os._exit(code)


loading.done()

if __name__ == "__main__":
    main()
