"""What a verb of the command line answers, and how an error is told: never with a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadInput, CaseworkError, Misconfigured, Refused, Unavailable
from runtime.settings import PROJECT

KINDS: tuple[tuple[type[CaseworkError], str], ...] = (
    (BadInput, "bad_input"),
    (Refused, "refused"),
    (Misconfigured, "misconfigured"),
    (Unavailable, "unavailable"),
)

USAGE, REFUSED, NOT_AVAILABLE, STOPPED = 2, 3, 4, 130
"""Exit codes: your input, the policy (or a check) says no, not available, stopped by Ctrl-C."""


@dataclass(frozen=True)
class Answer:
    """The same answer twice: as plain data for --json, as lines for a person."""

    document: dict[str, Any]
    lines: Iterable[str]
    code: int = 0
    refused: bool = False
    """The lines are a refusal: they go to standard error."""


def fault(error: BaseException) -> Answer:
    """An error as an answer: one plain sentence, one line a problem, and the exit code."""
    if not isinstance(error, CaseworkError):
        return _unexpected(error)
    kind = next((name for known, name in KINDS if isinstance(error, known)), "error")
    problems = error.problems if isinstance(error, BadInput) else ()
    code, clause = (error.code, error.clause) if isinstance(error, Refused) else ("", "")
    lines = [str(error) + (f" [{clause}]" if clause else ""), *(f"  {one}" for one in problems)]
    return said(
        kind, str(error), error.exit_code, lines, problems=problems, code=code, clause=clause
    )


def said(  # noqa: PLR0913 - the parts of an error document
    kind: str,
    message: str,
    exit_code: int,
    lines: Iterable[str] | None = None,
    *,
    problems: tuple[str, ...] = (),
    code: str = "",
    clause: str = "",
) -> Answer:
    """An error document and its lines."""
    document = {"kind": kind, "message": message, "problems": list(problems)}
    document |= {name: value for name, value in (("code", code), ("clause", clause)) if value}
    return Answer({"error": document}, lines or [message], exit_code, refused=True)


def _unexpected(error: BaseException) -> Answer:
    """Class and place only: the words of an unexpected error may hold case text."""
    return said(
        "unexpected",
        f"Something unexpected went wrong ({type(error).__name__} at {_place(error)}). What is "
        "recorded is safe. Look with `casework show` before you send anything again, and tell an "
        "administrator that place.",
        NOT_AVAILABLE,
    )


def _place(error: BaseException) -> str:
    """Module and line of ours that were reached last."""
    place, trace = "unknown", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(PROJECT) and "site-packages" not in path.parts:
            place = f"{trace.tb_frame.f_globals.get('__name__', path.stem)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
