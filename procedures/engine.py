"""The state machine that leads every case of a procedure: one a thread, lent from act to act.

A machine of python-statemachine costs more to make than a whole case costs to run, and all a case
has of it is the name of its state. So a case keeps that name; the machine is shared.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from statemachine import StateMachine
from statemachine.exceptions import TransitionNotAllowed

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure
    from procedures.words import Ask

_here = threading.local()
_known: dict[tuple[type[Procedure], str, str], str] = {}
"""Where a state and an event lead when no route depends on anything: the machine is asked once."""


class _Place:
    """Where the shared machine keeps the name of its state between two calls."""

    state: str | None = None


def lead(case: Procedure, event: str, ask: Ask) -> str:
    """The state an event leads to, by the class body and its routes; the case is not changed.

    Raises TransitionNotAllowed when no transition fits.
    """
    kind = type(case)
    known = _known.get((kind, case.here, event))
    if known is not None:
        return known
    machine = _machines().pop(kind, None) or _made(kind)
    machine.model = case.case
    machine.current_state_value = case.here
    # The engine stops for good when it enters a final state; this one goes on with the next case.
    machine._engine.running = True  # noqa: SLF001
    try:
        machine.send(event, ask=ask)
    except TransitionNotAllowed:
        _machines()[kind] = machine
        raise
    _machines()[kind] = machine
    target = str(machine.current_state_value)
    if _depends_on_nothing(kind, case.here, event):
        _known[kind, case.here, event] = target
    return target


@cache
def _depends_on_nothing(kind: type[Procedure], state: str, event: str) -> bool:
    routes = [each for each in kind.states_map[state].transitions if each.match(event)]
    return all(not list(each.cond) for each in routes)


def _machines() -> dict[type[Procedure], Procedure]:
    machines: dict[type[Procedure], Procedure] = _here.__dict__.setdefault("machines", {})
    return machines


def _made(kind: type[Procedure]) -> Procedure:
    machine = kind.__new__(kind)
    StateMachine.__init__(machine, _Place())
    return machine
