"""What every procedure has that begins with a report of a post: E, R and C (6.4, 9.1)."""

from __future__ import annotations

from typing import Any

from models.base import Instant
from models.report import Report
from procedures.procedure import Procedure


class ReportedPost(Procedure):
    """A case about a post; `intake_form` is a Report."""

    @classmethod
    def faults_at(cls, intake: Any, at: Instant) -> tuple[str, ...]:
        """What is wrong with the dates at the instant the form is sent."""
        report: Report = intake
        return report.faults_at(at)

    @classmethod
    def beside_the_post(cls, intake: Any) -> tuple[str, ...]:
        """What else must be the same for two reports of one post to be one case (6.4)."""
        return ()

    @classmethod
    def identity(cls, intake: Any) -> str | None:
        """Same post, and the same beside it: the same case. Without an address there is none."""
        report: Report = intake
        return cls.matter(report.post, *cls.beside_the_post(intake)) if report.post else None

    @classmethod
    def posts(cls, intake: Any) -> tuple[str, ...]:
        """The normalised address, for links between cases (6.4)."""
        report: Report = intake
        return (report.post,) if report.post else ()

    @classmethod
    def author(cls, intake: Any) -> str | None:
        """Platform and handle as shown, for look-alikes; never used to find anybody (G-16)."""
        report: Report = intake
        return report.author
