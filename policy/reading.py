"""Reading a policy file so that a fault names the file and the line."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from models.base import Value
from models.errors import Misconfigured

ValueT = TypeVar("ValueT", bound=Value)


class _Strict(yaml.SafeLoader):
    """Refuses a key given twice: YAML would keep the last and say nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 the parent's signature
        seen: set[Hashable] = set()
        for key, _ in node.value:
            name: Hashable = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{name} is given twice", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


class PolicyFile:
    """One file of this folder: a mapping of names to data. Raises Misconfigured if it is not."""

    def __init__(self, name: str) -> None:
        self.name = f"policy/{name}"
        try:
            text = files("policy").joinpath(*name.split("/")).read_text(encoding="utf-8")
            self.data = yaml.load(text, Loader=_Strict)  # noqa: S506 a SafeLoader
        except OSError as fault:
            raise Misconfigured(
                f"{self.name} cannot be read. Restore it and start again."
            ) from fault
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 0
            raise Misconfigured(f"{self.name}, line {line}: {fault.problem}.") from fault
        self._lines = _lines(text)
        if not isinstance(self.data, dict):
            raise Misconfigured(f"{self.name} must be a list of names, each with its data below.")

    def values(self, kind: type[ValueT], *, key: str, under: str = "") -> dict[str, ValueT]:
        """Every entry as a `kind`, its name put in the field `key`; `under` names an inner list."""
        found: dict[str, ValueT] = {}
        for name, fields in (self.data.get(under) or {} if under else self.data).items():
            with self.faults(name):
                if not isinstance(name, str):
                    raise ValueError("the name must stand in quotation marks")  # noqa: TRY004
                found[name] = kind.model_validate({**fields, key: name})
        return found

    @contextmanager
    def faults(self, name: object) -> Iterator[None]:
        """Turn a fault in the data below `name` into one that names file, line and field."""
        try:
            yield
        except ValidationError as fault:
            first = fault.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            said = f"{field}: {first['msg']}" if field else first["msg"]
            raise self._fault(name, said) from fault
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise self._fault(name, str(fault) or type(fault).__name__) from fault

    def _fault(self, name: object, said: str) -> Misconfigured:
        line = self._lines.get(str(name), 1)
        return Misconfigured(
            f"{self.name}, line {line}, {name}: {said}. Put it right and start again."
        )


def _lines(text: str) -> dict[str, int]:
    """The line of each name, at any depth; the outermost wins."""
    found: dict[str, int] = {}
    waiting = [yaml.compose(text, Loader=_Strict)]
    for node in waiting:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            found.setdefault(str(key.value), key.start_mark.line + 1)
            waiting.append(value)
    return found
