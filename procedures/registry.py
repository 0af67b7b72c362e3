"""Every procedure there is, by its key: what the desk, the worker, the diagrams and the tests read.

A new procedure is one new file in this folder and one line here; a test says when it is forgotten.
"""

from __future__ import annotations

from models.case import Opened
from models.errors import BadInput
from procedures.corporate_reputation import CorporateReputation
from procedures.court_directed_access import CourtDirectedAccess
from procedures.court_proceedings import CourtProceedings
from procedures.employee_comments import EmployeeComments
from procedures.procedure import Procedure

PROCEDURES: dict[str, type[Procedure]] = {
    procedure.key: procedure
    for procedure in (
        EmployeeComments,
        CorporateReputation,
        CourtProceedings,
        CourtDirectedAccess,
    )
}


def begun_as(opened: Opened) -> type[Procedure]:
    """The class body a case began with: a later one is for later cases (INV-17).

    Raises KeyError or CaseworkError when it is not here.
    """
    return PROCEDURES[opened.procedure].of_version(opened.pins.procedure)


def kept_apart(procedure: type[Procedure]) -> tuple[str, ...]:
    """Keys of the procedures never linked with this one, whichever of the two says so (6.4.6)."""
    others = {each.key for each in PROCEDURES.values() if procedure.key in each.apart_from}
    return tuple(sorted({*others, *procedure.apart_from}))


def by_name(text: str) -> type[Procedure]:
    """The procedure of a key ("court_directed_access") or a code ("D"), however it is capitalised.

    Raises BadInput, listing what there is.
    """
    wanted = text.strip().casefold().replace("-", "_")
    for procedure in PROCEDURES.values():
        if wanted in (procedure.key, procedure.code.casefold()):
            return procedure
    there_is = tuple(f"{one.code} or {one.key}: {one.title}" for one in PROCEDURES.values())
    raise BadInput("There is no procedure of that name. Choose one of those listed.", there_is)
