"""What every intake form and every act's form share (policy analysis 9.1), and how faults are said.

A fault never repeats what was typed: it may be case text.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from models.base import Instant, Value
from models.errors import BadInput
from models.london import parse_london
from models.posts import LONGEST, LONGEST_HANDLE, HowSeen, Platform, Visibility, normalise_url


def _london(value: Any) -> Any:
    """Read "2026-12-24 15:30" as London civil time; a time with an offset is taken as it is."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value
        value = value.isoformat(sep=" ", timespec="seconds")
    if not isinstance(value, str):
        # pydantic alone would take a number for seconds since 1970.
        raise ValueError('must be a time like "2026-12-24 15:30"')  # noqa: TRY004  # pydantic's
    try:
        return parse_london(value)
    except BadInput as fault:
        raise ValueError(str(fault)) from None


LondonTime = Annotated[Instant, BeforeValidator(_london)]
"""A date and time as a person writes it, London civil time; held in UTC."""


def _day(value: Any) -> Any:
    """Read "2026-12-24"; a number or a time is no date."""
    try:
        if isinstance(value, str):
            return date.fromisoformat(value.strip())
    except ValueError:
        value = None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError('must be a date like "2026-12-24"')  # noqa: TRY004  # pydantic gathers only ValueError
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A date as a person writes it, in London."""


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TURNING = re.compile("[\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069]")


def _plain(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("contains control characters; paste it as plain text")
    # An override can make text read differently from what is stored and hashed.
    if _TURNING.search(text):
        raise ValueError("contains characters that turn the direction of writing; remove them")
    return text


Short = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_plain)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_plain)]
Paragraph = Annotated[
    str, StringConstraints(min_length=20, max_length=1000), AfterValidator(_plain)
]
Long = Annotated[str, StringConstraints(min_length=20, max_length=5000), AfterValidator(_plain)]
"""Trimmed plain text with its line breaks kept; the numbers are characters after trimming."""
Statement = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_plain)]
"""Words that may be meant for the public (9.3)."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class YesNoUnsure(StrEnum):
    """Unsure is treated as yes for telling people (9.1)."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


def _ticked(value: bool) -> bool:  # noqa: FBT001  # pydantic hands it over so
    if not value:
        raise ValueError(
            "must be ticked: the form is accurate and says if a personal account was used"
        )
    return value


class CommonIntake(Value):
    """The questions every form asks first (9.1). The reporter is the signed-in person, never typed."""

    submission_token: UUID
    """Made when the form opens: one case per token, however often it is sent."""
    immediate_danger: bool
    """Asked first; yes means: call 999, the report can follow (6.2). No default."""
    safeguarding_concern: YesNoUnsure
    used_personal_account: bool
    childfirst_ref: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/-]{3,40}$")] | None = (
        None
    )
    declaration: Annotated[bool, AfterValidator(_ticked)]

    def warnings_at(self, at: datetime) -> tuple[str, ...]:
        """What may be a slip and is taken all the same, one sentence each."""
        del at
        return ()


class Note(Value):
    """An act that asks for nothing beyond the reason."""


def problems(error: ValidationError) -> tuple[str, ...]:
    """One plain sentence a fault, naming the field and never what was in it."""
    faults = error.errors(include_input=False, include_url=False)
    # A list whose only entry is wrong is called too short as well: that would mislead.
    inner = {fault["loc"][:depth] for fault in faults for depth in range(1, len(fault["loc"]))}
    said = (
        _problem(fault)
        for fault in faults
        if fault["type"] != "too_short" or fault["loc"] not in inner
    )
    return tuple(dict.fromkeys(said))


_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}|[0-9]{1,4}")
"""A field or a row. Another key may hold anything, even case text, and is not repeated."""


def _where(fault: Any) -> str:
    # A union names its branches after the field: those are the code's names, not the form's.
    parts = [
        part for part in map(str, fault["loc"]) if "[" not in part and part != "constrained-int"
    ]
    return ".".join(part if _NAME.fullmatch(part) else "(unreadable name)" for part in parts)


SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this form",
    "string_too_long": "is too long (at most {max_length} characters)",
    "string_too_short": "is too short (at least {min_length} characters)",
    "string_type": "must be text",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "too_short": "needs at least {min_length}",
    "too_long": "has too many (at most {max_length})",
    "tuple_type": "must be a list",
    "model_type": "must be a group of fields",
    "dict_type": "must be a group of fields",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "timezone_aware": "needs a time zone, or write it as London time: 2026-12-24 15:30",
    "uuid_parsing": "must be a token as the form makes it (a UUID)",
    "uuid_type": "must be a token as the form makes it (a UUID)",
    "string_pattern_mismatch": "is not written as it should be",
}


def _problem(fault: Any) -> str:
    where = _where(fault)
    if fault["type"] == "value_error":
        return f"{where}: {in_words(fault)}" if where else in_words(fault)
    return f"{where or 'the form'}: {in_words(fault)}"


def in_words(fault: Any) -> str:
    """What is wrong by one fault of pydantic's; never what was given."""
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    said = SAID.get(fault["type"])
    if said is None:
        return f"is not right ({fault['type'].replace('_', ' ')})"
    return said.format(**fault.get("ctx", {}))


MEANINGFUL = 20
"""Letters and digits a reason needs (INV-14)."""
DIFFERENT = 5
"""How many different ones, so that one held key is no reason."""


def meaningful(reason: str) -> bool:
    """Whether a reason says something: twenty letters or digits, and not one letter repeated."""
    told = [*filter(str.isalnum, reason)]
    return len(told) >= MEANINGFUL and len({char.casefold() for char in set(told)}) >= DIFFERENT


def _web_address(text: str) -> str:
    normalise_url(text)
    return text


WebAddress = Annotated[
    str, StringConstraints(max_length=LONGEST), AfterValidator(_plain), AfterValidator(_web_address)
]
"""The address of a post as it was given; nothing ever fetches it (9.1, 9.7)."""
AsShown = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_HANDLE), AfterValidator(_plain)
]


class Evidence(Value):
    """One file as the trail knows it: its hash, never its content (6.7, INV-9).

    What is said of the post is optional, and everything after `title` came later than the first
    recorded decisions: a field that is missing there stays missing.
    """

    sha256: Sha256
    kind: Annotated[str, Field(pattern=r"^(pdf|png|jpeg|webp|text)$")]
    title: Short
    in_store: bool = False
    """The file lies in this service's store; otherwise it is kept elsewhere."""
    working_copy: Sha256 | None = None
    """The copy without metadata, in the store as well."""
    address: WebAddress | None = None
    address_normalised: WebAddress | None = None
    """The one spelling by which posts are compared (6.4); worked out from `address`."""
    platform: Platform | None = None
    post_id: AsShown | None = None
    author_handle: AsShown | None = None
    author_display_name: AsShown | None = None
    posted_as_shown: AsShown | None = None
    """When it was posted, in the platform's own words ("3 d ago")."""
    seen_at: LondonTime | None = None
    how_seen: HowSeen | None = None
    visibility: Visibility | None = None
    reach: AsShown | None = None
    """Likes, shares and views, as shown."""
    capture_tool: AsShown | None = None
    shows_a_child: bool | None = None
    names_a_child: bool | None = None
    case_documents: bool | None = None

    @model_validator(mode="after")
    def _one_spelling(self) -> Self:
        given = self.address_normalised
        if given is not None and (self.address is None or normalise_url(self.address) != given):
            raise ValueError("address_normalised: is worked out from the address; leave it out")
        if self.in_store and self.working_copy is None:
            raise ValueError("working_copy: a file in the store has one")
        return self
