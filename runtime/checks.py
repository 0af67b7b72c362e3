"""The self-check: what must be right before the service runs, one plain line each.

`casework doctor` asks everything; the worker asks what makes sense before it takes work, and does
not start on the first thing that is wrong.
"""

from __future__ import annotations

import inspect

from activities.ledger import Ledger
from models.base import Value
from models.errors import CaseworkError, Misconfigured
from runtime.checks_here import HERE, Ask, NotAsked
from runtime.checks_running import RUNNING
from runtime.settings import Settings


class Check(Value):
    """What one check found. `ok` is None when there was nothing to ask."""

    name: str
    ok: bool | None
    said: str
    """What is there, or what is wrong and what to do."""
    faults: tuple[str, ...] = ()
    """More of what is wrong, one line each."""


async def doctor(settings: Settings) -> list[Check]:
    """Every check, in order; nothing is made or changed."""
    found: list[Check] = []
    for name, ask in (*HERE.items(), *RUNNING.items()):
        check = await _ask(name, ask, settings)
        same = next((one.name for one in found if not check.ok and one.said == check.said), None)
        if same:
            # One missing key is one thing to put right, not four.
            check = Check(name=name, ok=None, said=f"cannot be asked; see: {same}")
        found.append(check)
    return found


async def or_stop(settings: Settings, ledger: Ledger) -> None:
    """The checks of a worker about to start. Raises Misconfigured at the first that is wrong."""
    ledger.cases(limit=1)
    for name, ask in HERE.items():
        found = await _ask(name, ask, settings)
        if found.ok is False:
            raise Misconfigured("\n".join((f"{found.name}: {found.said}", *found.faults)))


def can_be_written(settings: Settings) -> None:
    """What must hold before the first file is made. Raises Misconfigured."""
    HERE["Folder"](settings)


async def _ask(name: str, ask: Ask, settings: Settings) -> Check:
    try:
        said = ask(settings)
        text = await said if inspect.isawaitable(said) else str(said)
    except NotAsked as why:
        return Check(name=name, ok=None, said=str(why))
    except CaseworkError as fault:
        first, *rest = str(fault).split("\n")
        return Check(name=name, ok=False, said=first, faults=tuple(rest))
    except Exception as fault:  # noqa: BLE001 - one check that breaks must not hide the others
        said = f"This could not be checked ({type(fault).__name__})."
        return Check(name=name, ok=False, said=said)
    return Check(name=name, ok=True, said=text)
