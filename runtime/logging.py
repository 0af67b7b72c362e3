"""Log lines are facts without case text: what happened, to which case, where in the code.

Every record, ours or a library's, passes `_only_facts`. A key that is not on the list, or a value
that is not a plain token, is dropped and its key named in `redacted`. The words of a library may
hold case text, so only their place in its code is kept; of an error its class and place.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

_KEYS = """
    act activity at attempt case_id caused_by channel clause code count delay digest due
    duration error error_at event exit_code http_port instance key_id kind level logger namespace next_at
    notice_id outcome pid policy port procedure redacted run_id seq setting state status step
    task_queue timestamp ui_port version workflow_type
"""
ALLOWED = frozenset(_KEYS.split())
"""Keys a log line may have. Values besides numbers are plain tokens: an id, a code, a place."""

LIBRARY_EVENT = "library_message"
OURS = ("activities", "bench", "cli", "procedures", "runtime", "web", "worker", "workflows")

_TOKEN = re.compile(r"[A-Za-z0-9_.:/+-]{0,128}")
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HANDLER = "casework"
_MACHINERY = frozenset({"_record", "_from_structlog"})


def configure(*, json: bool | None = None) -> None:
    """Send every log record to standard error, redacted. Calling it again changes nothing but form.

    `json`: one JSON object a line; None: unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_shared(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    _to_standard_error(_formatter(as_json))
    # A record that cannot be formatted would otherwise be printed with its arguments.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_of_error,
        _only_facts,
    ]


def _formatter(as_json: bool) -> logging.Formatter:  # noqa: FBT001 - private, one caller
    renderer: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    return ProcessorFormatter(
        foreign_pre_chain=[_place_of_message, *_shared()],
        # A message need not be formatted to be dropped.
        use_get_message=False,
        processors=[ProcessorFormatter.remove_processors_meta, renderer],
    )


class _StandardError(logging.StreamHandler[TextIO]):
    """Looks standard error up at every line, as whoever captures it replaces it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.set_name(_HANDLER)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _to_standard_error(formatter: logging.Formatter) -> None:
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == _HANDLER]:
        root.removeHandler(old)
    handler = _StandardError()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def _place_of_message(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep where a library spoke, not what it said."""
    record: logging.LogRecord = event["_record"]
    event["event"] = LIBRARY_EVENT
    event["at"] = f"{record.module}:{record.lineno}"
    return event


def _place_of_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep class and place of an error; its text and its variables are case text."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = _the_error(given)
    if error is not None:
        event["error"] = type(error).__name__
        event["error_at"] = _place(error)
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["caused_by"] = type(cause).__name__
    return event


def _the_error(given: object) -> BaseException | None:
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _place(error: BaseException) -> str:
    """Module and line where the error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', 'unknown')}:{trace.tb_lineno}"


def _only_facts(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    kept: EventDict = {}
    dropped: list[str] = []
    for key, value in event.items():
        if key in _MACHINERY or (key in ALLOWED and _is_plain(value)):
            kept[key] = value
        else:
            # A key may be text as well, when somebody unpacks a form into a log line.
            dropped.append(key if _EVENT.fullmatch(key) else "unnamed")
    if not _EVENT.fullmatch(str(event.get("event", ""))):
        kept["event"] = "unnamed"
    if dropped:
        kept["redacted"] = sorted(set(dropped))
    return kept


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return _TOKEN.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int | float)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("runtime").critical("crashed", exc_info=error.with_traceback(trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
