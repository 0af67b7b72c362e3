"""What a case looks like to one person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models import looked
from models.errors import BadInput, Refused
from models.people import Role
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime import advice, showing
from runtime.desk import Desk
from runtime.desk_reading import CaseView
from runtime.evidence import Item
from runtime.narrowing import Roles
from runtime.possible import ActFor, acts_for
from runtime.reading import FOR_A_TASK, Sight, admitted
from runtime.showing_trail import flat, told
from web import picture
from web.drafts import pages
from web.questions import every, in_words
from web.site import noted, page, reading, see_other, signed_in, site_of
from web.story import Happened, story
from web.words import label_of

TOKEN = "submission_token"  # noqa: S105 - the name of a field
_ROW = re.compile(r"\.\d+")


class NotForYou(Exception):
    """There is no such case for this person; which of the two it is, is not said."""


# --- a case -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What one person may see of a case."""

    sight: Sight
    role: Role
    """The role that lets them see it."""
    view: CaseView
    title: str
    state: str
    acts: tuple[ActFor, ...]
    story: tuple[Happened, ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    """What the form said, as far as they may see it."""
    evidence: tuple[Item, ...] = ()
    advice: frozenset[int] = frozenset()
    """Entries whose privileged text they may read."""
    drawing: picture.Drawing | None = None

    @property
    def possible(self) -> tuple[ActFor, ...]:
        """The acts they may take now."""
        return tuple(act for act in self.acts if not act.why_not)

    @property
    def others(self) -> tuple[ActFor, ...]:
        """The acts they may not take now, each with its reason."""
        return tuple(act for act in self.acts if act.why_not)


def see(
    desk: Desk,
    people: showing.People,
    case_id: str,
    person: str,
    only: Roles = None,
) -> Seen:
    """A case as one person may see it, in the roles their sign-in gives. Raises NotForYou."""
    try:
        how, role = admitted(desk, case_id, person, only)
        view = desk.show(case_id)
    except (BadInput, Refused):
        raise NotForYou from None
    acts = acts_for(desk, case_id, person, only)
    kind, state = by_name(view.case.procedure), showing.state_now(view.case)
    if how is Sight.RECEIPT:
        acts = tuple(act for act in acts if not act.why_not)
        return Seen(how, role, view, kind.title, state, acts)
    lines = desk.trail(case_id)
    full = how is Sight.EVERYTHING
    _, fields = told(lines[0])
    return Seen(
        sight=how,
        role=role,
        view=view,
        title=kind.title,
        state=state,
        acts=acts,
        story=tuple(story(lines, people, with_text=full)),
        form=tuple(_form(kind, fields, people, full=full)),
        evidence=_evidence(desk, case_id, person, only) if full else (),
        advice=advice.readable(desk, case_id, lines, person, only),
        drawing=picture.of_case(view.case.procedure, lines),
    )


def _form(
    kind: type[Procedure], fields: dict[str, Any], people: showing.People, *, full: bool
) -> Iterator[tuple[str, str]]:
    """What was answered, in the order and the words of the questions."""
    asked = {one.name: one for page in pages(kind) for one in every(page.questions)}
    names = [name for name in kind.intake_form.model_fields if name != TOKEN]
    shown = [name for name in names if name in fields and (full or name in FOR_A_TASK)]
    for name, value in flat({name: fields[name] for name in shown}):
        question = asked.get(_ROW.sub("", name))
        label = label_of(_ROW.sub("", name))[0]
        row = next(iter(_ROW.findall(name)), "")
        words = in_words(question, value, people.who) if question else value
        yield f"{label}{row.replace('.', ' ')}", showing.plain(words)


def _evidence(desk: Desk, case_id: str, person: str, only: Roles) -> tuple[Item, ...]:
    try:
        return tuple(desk.evidence_of(case_id, person, only=only))
    except Refused:
        # Whoever sees the case because of danger need not be one who sees its files.
        return ()


async def case(request: Request) -> Response:
    """One case: where it is, what is open, what can be done, and how it came to this."""
    session, person = signed_in(request)
    site, case_id = site_of(request), request.path_params["case"]
    if Role.AUD in site.usable(session):
        return see_other(f"/audit/case/{case_id}")
    seen = await reading(see, site.desk, site.people, case_id, person, session.roles)
    await noted(request, person, looked.Seen.CASE, seen.role)
    return page(request, "case.html", seen=seen, row=seen.view.case, now=site.desk.now())
