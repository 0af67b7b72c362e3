"""A process that leads cases: the loop it runs on, and what its collector need not look at."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

_T = TypeVar("_T")


def run(main: Coroutine[object, object, _T]) -> _T:
    """Run until `main` ends, as `asyncio.run`, on a loop that takes a tenth of the worker's time.

    Every act of a case wakes the loop some ten times. What runs once and ends, as a command does,
    stays with Python's own loop, which is there sooner.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def settle() -> None:
    """Leave what stays for ever out of every later collection; called when all is in its place.

    A pause of the collector holds every case, and one of two seconds is taken for a deadlock by
    Temporal.
    """
    gc.collect()
    gc.freeze()
