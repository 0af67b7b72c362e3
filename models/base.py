"""The one base of every value: strict, frozen, unknown fields refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from models.london import END, FIRST


def _utc(instant: datetime) -> datetime:
    if not FIRST <= instant < END:
        raise ValueError("must be a time from 1900 to 2999")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with its offset given, held in UTC. A time with no zone is refused, never guessed,
and so is one that no case of ours can be about."""


class Value(BaseModel):
    """Immutable; refuses unknown fields; an error never repeats the input (it may be case text)."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    @classmethod
    def made(cls, **values: Any) -> Self:
        """Build one from values that are known to be right; nothing is checked or converted.

        For what the core makes of values that were checked when they came in, never for anything
        that comes from outside. A missing field takes its default, the same object each time.
        """
        return _built(cls, {**_blank(cls), **values}, set(values))

    @classmethod
    def partly(cls, **values: Any) -> Self:
        """As `made`, of some fields alone: reading another one raises AttributeError."""
        return _built(cls, values, set(values))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own, in a third of the time; `deep` has no meaning for what never changes."""
        changes = update or {}
        named = self.__pydantic_fields_set__ | changes.keys()
        return _built(type(self), {**self.__dict__, **changes}, named)


_V = TypeVar("_V", bound=Value)


@cache
def _blank(kind: type[Value]) -> dict[str, Any]:
    """Every field in its order: its default, or `...` for one that must be given."""
    return {
        name: ...
        if field.is_required()
        else field.get_default(call_default_factory=True, validated_data={})
        for name, field in kind.model_fields.items()
    }


_DICT, _NAMED, _EXTRA, _PRIVATE = (
    BaseModel.__dict__[name].__set__
    for name in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)
"""All that a value consists of, set past `frozen`, which is for everybody else."""


def _built(kind: type[_V], values: dict[str, Any], named: set[str]) -> _V:
    # Every act makes a hundred values: by the descriptors this takes half as long as by name.
    new = object.__new__(kind)
    _DICT(new, values)
    _NAMED(new, named)
    _EXTRA(new, None)
    _PRIVATE(new, None)
    return new
