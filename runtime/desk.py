"""The desk: the one door to a case. Command line, pages and API speak to it, never to Temporal.

It knows who the sender is and stamps when a decision was received; it decides nothing itself. What
it reads comes from the ledger, never from Temporal's own lists, which lag (S8).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.evidence import Deed, Part, Purpose
from models.people import Role
from runtime import evidence
from runtime.desk_administering import AdministeringDesk
from runtime.desk_deciding import DecidingDesk
from runtime.desk_drafts import DraftingDesk
from runtime.narrowing import Roles


class Desk(DraftingDesk, DecidingDesk, AdministeringDesk):
    """Everything people do to cases. `temporal` is asked for only when something is sent."""

    async def add_evidence(  # noqa: PLR0913  # the parts of a decision, each named at the call
        self,
        case_id: str,
        person: str,
        file: bytes | Path,
        title: str,
        *,
        reason: str = "",
        fields: dict[str, Any] | None = None,
        role: Role | None = None,
        id: str | None = None,
    ) -> evidence.Added:
        """Keep a file and add it to a case as evidence (6.7). `fields` say more of the post.

        Somebody who may not add it gets the refusal, recorded as any, and no file is kept. When the
        case moves on in between and refuses then, the file stays and its custody list says that no
        case names it. Raises BadInput when the file is not one that is taken, or as `decide`.
        """
        return await evidence.add(
            self,
            case_id,
            person,
            file,
            reason=reason,
            fields={**(fields or {}), "title": title},
            role=role,
            id=id,
        )

    def evidence_of(self, case_id: str, person: str, *, only: Roles = None) -> list[evidence.Item]:
        """The files a case names, with their custody lists. Raises Refused to whom it is not for.

        `only` are the roles they may use, None all they hold.
        """
        return evidence.listed(self, case_id, person, only)

    def read_evidence(  # noqa: PLR0913  # what is wanted, by whom, why
        self,
        case_id: str,
        sha256: str,
        person: str,
        *,
        part: Part = Part.WORKING_COPY,
        purpose: Purpose = Purpose.CASE_WORK,
        did: Deed = Deed.READ,
        only: Roles = None,
    ) -> bytes:
        """A file of a case; the custody line is written first. Raises Refused, BadInput, Damaged."""
        return evidence.read(
            self, case_id, sha256, person, part=part, purpose=purpose, did=did, only=only
        )
