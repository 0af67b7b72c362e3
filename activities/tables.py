"""The ledger's tables. Every instant is kept as ISO text in UTC, so both databases sort alike.

    entry        the trail: append-only, hash-chained per case
    register     one row a case, for lists and search
    duty         open work; duty_holder says who may do it, for the inbox
    notice       who is to be told what (the outbox)
    submission   one case per submission token (6.4)
    identity     which open case stands for a matter (6.4)
    sighting     which posts a case is about, and whose: digests only (6.4)
    custody      who had an evidence file in hand: append-only, hash-chained per file (6.7)
    looked       who looked at a case, and at lists: append-only, a hash chain for each (SD14)
    looked_head  the last of those looks, so that one cut off shows
    stay         how long each case was in each step, for dashboards; noted, what came up in it
    calendar     the calendars that stays were counted on, by digest
    draft        forms begun and not sent, sealed; no record, and deleted when sent
    administered what administrators did: append-only, hash-chained (SD13)
    recalculation the cases a closed day reaches, and how far it got (3.1)

`migrations/` makes them; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcText(TypeDecorator[datetime]):
    """An instant as `2026-11-30T10:45:00.000000Z`: always 27 characters, so text order is time."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuses an instant without its offset: guessing one would shift the record."""
        del dialect
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Give the instant back, in UTC."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


def utc_text(instant: datetime) -> str:
    """Write an instant the way the ledger keeps it. Raises ValueError when it has no offset."""
    if instant.tzinfo is None:
        raise ValueError("an instant in the ledger needs its offset")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


metadata = sa.MetaData()

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcText, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("salt_commit", sa.String(64), nullable=False),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("recorded_at", UtcText, nullable=False),
    sa.Index("entry_by_instant", "at"),
)

register = sa.Table(
    "register",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("assigned", sa.JSON, nullable=False),
    sa.Column("flags", sa.JSON, nullable=False),
    sa.Column("opened_at", UtcText, nullable=False),
    sa.Column("closed_at", UtcText),
    sa.Column("next_due", UtcText),
    sa.Column("token", sa.Text, unique=True),
    sa.Index("register_by_state", "procedure", "state", "opened_at"),
    sa.Index("register_by_opening", "closed", "opened_at"),
    sa.Index("register_by_due", "closed", "next_due"),
    sa.Index("register_by_subject", "subject"),
    sa.Index("register_by_starter", "started_by", "opened_at", "case_id"),
)

duty = sa.Table(
    "duty",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("register.case_id"), primary_key=True),
    sa.Column("duty", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("step", sa.Boolean, nullable=False),
    sa.Column("mandatory", sa.Boolean, nullable=False),
    sa.Column("missed", sa.Integer, nullable=False),
    sa.Column("overdue", sa.Boolean, nullable=False),
    sa.Column("acts", sa.JSON, nullable=False),
    sa.Column("holders", sa.JSON, nullable=False),
    sa.Column("excluded", sa.JSON, nullable=False),
    sa.Column("clock", sa.Text),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("opened_at", UtcText, nullable=False),
    sa.Column("due", UtcText),
    sa.Column("remind_at", UtcText),
    sa.Column("paused", sa.Boolean, nullable=False),
)

duty_holder = sa.Table(
    "duty_holder",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("duty", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("on_behalf_of", sa.Text),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("place", sa.String(28), nullable=False, server_default=""),
    sa.ForeignKeyConstraint(
        ["case_id", "duty"], ["duty.case_id", "duty.duty"], ondelete="CASCADE", name="of_duty"
    ),
    # In the order of an inbox, with all that tells its groups apart: a page of it is read as it
    # lies, however much more work there is.
    sa.Index("duty_holder_by_place", "person", "place", "case_id", "duty", "role", "why"),
    # To count them.
    sa.Index("duty_holder_by_share", "person", "role", "why"),
)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("due", UtcText),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("created_at", UtcText, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", UtcText),
    sa.Column("sent_at", UtcText),
    sa.Column("last_error", sa.Text),
    sa.ForeignKeyConstraint(["case_id", "seq"], ["entry.case_id", "entry.seq"], name="of_entry"),
    sa.Index("notice_by_next_try", "status", "next_try_at"),
    sa.Index("notice_by_person", "person", "created_at"),
    sa.Index("notice_by_case", "case_id", "seq"),
)

submission = sa.Table(
    "submission",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False, unique=True),
    sa.Column("same_as", sa.Text),
    sa.Column("linked", sa.JSON),
    sa.Column("similar", sa.JSON),
)

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("procedure", sa.Text),
    sa.Index("identity_by_case", "case_id"),
)

sighting = sa.Table(
    "sighting",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("post", sa.String(64)),
    sa.Column("author", sa.String(64)),
    sa.Column("matter", sa.String(64)),
    sa.Column("opened_at", UtcText, nullable=False),
    sa.Index("sighting_by_post", "post"),
    sa.Index("sighting_by_author", "author", "opened_at"),
)

custody = sa.Table(
    "custody",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("custody_by_case", "case_id"),
)

looked = sa.Table(
    "looked",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

looked_head = sa.Table(
    "looked_head",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

stay = sa.Table(
    "stay",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("entered_at", UtcText, nullable=False),
    sa.Column("left_at", UtcText),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("allowed", sa.Integer),
    sa.Column("worked", sa.Integer),
    sa.Column("over", sa.Boolean, nullable=False),
    sa.Column("calendar", sa.String(64)),
    sa.Index("stay_by_state", "procedure", "state"),
)

noted = sa.Table(
    "noted",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Index("noted_by_month", "procedure", "month"),
)

calendar = sa.Table(
    "calendar",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("changed_at", UtcText, nullable=False),
    sa.Column("until", UtcText, nullable=False),
    sa.Index("draft_by_person", "person", "until"),
    sa.Index("draft_by_end", "until"),
)

administered = sa.Table(
    "administered",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

recalculation = sa.Table(
    "recalculation",
    metadata,
    sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("moves", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_try_at", UtcText),
    sa.Index("recalculation_by_status", "change", "status"),
)
