"""What concerns several fields of a form, said although another field is wrong.

pydantic compares fields only once each is right by itself: whoever fills in a form would be told
of one fault, mend it, and be told of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator, create_model

from models.base import Value
from models.forms import problems

_WRONG = object()
"""Stands where nothing was given, or nothing that can be read."""


def faults_of_form(form: type[Value], given: Any) -> tuple[str, ...]:
    """Every fault of a form that can be known, one sentence each: of its fields, then of several."""
    try:
        form.model_validate(given)
    except ValidationError as error:
        return tuple(dict.fromkeys((*problems(error), *_together(form, given))))
    return ()


def _together(form: type[Value], given: Any) -> Iterator[str]:
    if not isinstance(given, Mapping):
        # No form at all, and so without fields.
        return
    read = readable(form, given)
    for rule in _rules(form):
        yield from known(rule, read, form)


def readable(form: type[Value], given: Mapping[str, Any]) -> Value:
    """The fields that are right by themselves, and no others; nothing is compared."""
    read = _fields_alone(form).model_validate(given)
    values = {name: getattr(read, name) for name in form.model_fields}
    return form.partly(**{name: value for name, value in values.items() if value is not _WRONG})


def known(rule: Callable[[Any], Iterable[str]], value: Value, form: type[Value]) -> Iterable[str]:
    """What a rule says of some of a form's fields; nothing when it asks for one that is not there."""
    try:
        return tuple(rule(value))
    except AttributeError as missing:
        if missing.name not in form.model_fields:
            raise
        return ()


def _rules(form: type[Value]) -> Iterator[Callable[[Any], Iterable[str]]]:
    for one in form.__pydantic_decorators__.model_validators.values():
        if one.info.mode == "after":
            yield partial(_said, one.func)


def _said(rule: Callable[[Any], Any], value: Value) -> Iterable[str]:
    try:
        rule(value)
    except ValueError as fault:
        return (str(fault),)
    return ()


@cache
def _fields_alone(form: type[Value]) -> type[BaseModel]:
    """A form with the same fields, in which one that is wrong spoils no other."""
    fields: Any = {
        name: (
            Annotated[field.annotation, *field.metadata, WrapValidator(_or_wrong)],
            _WRONG
            if field.is_required()
            else field.get_default(call_default_factory=True, validated_data={}),
        )
        for name, field in form.model_fields.items()
    }
    config = ConfigDict(**{**form.model_config, "extra": "ignore", "arbitrary_types_allowed": True})
    return create_model(f"{form.__name__}Alone", __config__=config, **fields)


def _or_wrong(value: Any, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValidationError:
        return _WRONG
