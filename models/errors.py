"""What can go wrong, and who can put it right.

CaseworkError
├── BadInput       the person asking: their form or words cannot be read (exit code 2)
├── Refused        the person asking: the policy says no; never retry (exit code 3)
├── Unavailable    nobody, just time: try again (exit code 4)
├── VersionMissing the operator: put the file of a version back (exit code 4)
└── Misconfigured  the operator: stop at start-up and name the setting (exit code 4)

A message says what happened, what was kept and what to do. It never carries case text.
"""

from __future__ import annotations


class CaseworkError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code = 4


class BadInput(CaseworkError):
    """The input cannot be read. `problems` holds one plain sentence a fault."""

    exit_code = 2

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class Refused(CaseworkError):
    """The policy says no. `code` is stable and enumerated; the message is for a person."""

    exit_code = 3

    def __init__(self, code: str, message: str, clause: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.clause = clause


class Unavailable(CaseworkError):
    """Something needed is not there at the moment; nothing was lost by asking."""


class VersionMissing(CaseworkError):
    """A case began under a class body that this program does not hold; it waits for it."""


class Misconfigured(CaseworkError):
    """A setting or a file of the operator's is wrong; the service does not start."""
