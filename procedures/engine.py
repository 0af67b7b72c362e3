"""Where an act leads: the routes of the class body, asked in their order.

The state machine library builds, checks and draws every class body. Its own engine is made for
callbacks at every turn, of which a procedure has none, and took a quarter of the time a case needs;
all a case has of its machine is the name of its state. So the routes are asked here, and a test
sends every act of every story through the library's engine as well: both must lead alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from statemachine.exceptions import TransitionNotAllowed

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure
    from procedures.words import Ask


class _Route(NamedTuple):
    target: str
    when: tuple[tuple[Callable[..., bool], tuple[str, ...]], ...]
    """Each condition, with the names of what it looks at: `machine`, `ask`."""


def lead(case: Procedure, event: str, ask: Ask) -> str:
    """The state an event leads to, by the class body and its routes; the case is not changed.

    Raises TransitionNotAllowed when no transition fits.
    """
    kind = type(case)
    given = {"machine": case, "ask": ask}
    for route in _routes(kind, case.here, event):
        if all(check(**{name: given[name] for name in names}) for check, names in route.when):
            return route.target
    raise TransitionNotAllowed(kind.acts[event], {kind.states_map[case.here]})


@cache
def _routes(kind: type[Procedure], state: str, event: str) -> tuple[_Route, ...]:
    transitions = [each for each in kind.states_map[state].transitions if each.match(event)]
    return tuple(_route(each) for each in transitions)


def _route(transition: Any) -> _Route:
    checks = [spec.func for spec in transition.cond]
    return _Route(
        transition.target.id, tuple((check, tuple(signature(check).parameters)) for check in checks)
    )
