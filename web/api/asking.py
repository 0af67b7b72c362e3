"""Who asks, of which desk, and how much of a case they may see: what every operation begins with."""

from __future__ import annotations

from typing import Annotated, NamedTuple, cast
from uuid import UUID

from fastapi import Depends, Header, Path, Request

from activities.register import CaseRow
from models import looked
from models.errors import BadInput, CaseworkError, Refused, Unavailable
from models.people import Role
from runtime.desk import Desk
from runtime.narrowing import kept
from runtime.reading import admitted
from web.api.problems import Problem
from web.api.shapes import Sees
from web.tokens import Caller


class Seen(NamedTuple):
    """How much of a case a caller is shown, and the role that lets them see it."""

    sees: Sees
    role: Role


NO_SUCH = "There is no such case, or it is not for you. Whoever works on it can tell you more."


def _desk(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)


def _caller(request: Request) -> Caller:
    return cast("Caller", request.state.caller)


def no_query(request: Request) -> None:
    """For operations that ask for nothing. Raises Problem for a query all the same."""
    if request.query_params:
        raise Problem("not-usable", "This operation takes no query. Nothing was done.")


TheDesk = Annotated[Desk, Depends(_desk)]
TheCaller = Annotated[Caller, Depends(_caller)]
CaseId = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=64,
        description="The reference of a case.",
        examples=["case-dd8bdbde871f"],
    ),
]
Key = Annotated[
    UUID,
    Header(
        alias="Idempotency-Key",
        description="A UUID of your own; sent again with the same body it is answered again.",
    ),
]


def roles_of(desk: Desk, caller: Caller) -> frozenset[Role]:
    """The roles a caller may use today, whatever the case."""
    return frozenset(kept(desk.directory.sender(caller.person, desk.now()).roles, caller.roles))


def sight(desk: Desk, case_id: str, caller: Caller) -> Seen | None:
    """What a caller is shown of a case; None when it is not for them or not there."""
    try:
        how, role = admitted(desk, case_id, caller.person, caller.roles)
    except BadInput:
        return None
    except Refused:
        return far(desk, caller)
    except Unavailable:
        raise
    except CaseworkError:
        # It cannot be worked out any more. Whoever has to look into that may see it all the same.
        if (found := far(desk, caller)) is None:
            raise
        return found
    return Seen(cast("Sees", str(how)), role)


def far(desk: Desk, caller: Caller) -> Seen | None:
    """What a caller is shown of a case they have no part in (SD13, SD14, R)."""
    held = roles_of(desk, caller)
    if Role.AUD in held:
        return Seen("everything", Role.AUD)
    return Seen("register", Role.ADM) if Role.ADM in held else None


def look(desk: Desk, case_id: str, caller: Caller, what: looked.Seen) -> Seen:
    """How much of a case a caller is shown; that they look is recorded first (SD14).

    Raises Problem when it is not for them: that looks like a case that is not there.
    """
    found = sight(desk, case_id, caller)
    if found is None:
        raise Problem("not-found", NO_SUCH)
    desk.note_look(case_id, caller.person, what, looked.Door.API, role=found.role)
    return found


def etag(row: CaseRow) -> str:
    """What a caller was shown: the last entry and its hash."""
    return f'"{row.seq}-{row.head}"'
