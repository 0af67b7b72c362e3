"""Who may look at the evidence files of a case (4.3, all R): roles, by the letter of its procedure.

A reporter sees that their report was received, not the files; whoever is conflicted out of a case
sees none. Auditors read everywhere, and their reading is in the custody list like anybody's (SD14).
"""

from __future__ import annotations

from models.people import Role

MANAGERS = (Role.LM, Role.SM, Role.AD)
LEGAL = (Role.LEG, Role.LDL)

ORDINARY = (Role.PR, *MANAGERS, *LEGAL)
"""Practitioner, their managers, Legal. Not Communications, who see only handle, platform and dates."""

READERS: dict[str, tuple[Role, ...]] = {
    "C": ORDINARY,
    "D": ORDINARY,
    "K": ORDINARY,
    "V": ORDINARY,
    "E": (Role.AFF, *MANAGERS, Role.HRBP, Role.HRL, Role.HSI, Role.HSL, *LEGAL),
    "R": (Role.COM, Role.HOC, *MANAGERS, *LEGAL),
    "U": (Role.CPL, Role.HRBP, Role.HRL, Role.ERI),
}


def readers(code: str) -> tuple[Role, ...]:
    """The roles that may look at the files of a procedure's cases; the narrow list for a new one."""
    return READERS.get(code, ORDINARY)
