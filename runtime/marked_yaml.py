"""YAML that remembers on which line everything stood.

Scalars stay the text that was written: dates and numbers are for the reader of the row to judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from models.errors import Misconfigured

Place = tuple[str | int, ...]
"""The way to a value: section, row number, key."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"
_DEEPEST = 50


@dataclass
class Marked:
    """One YAML document as plain lists, dicts and texts."""

    data: object = None
    problems: list[tuple[Place, str]] = field(default_factory=list)
    """What YAML allows and a careful file does not: a key written twice, an alias."""
    _lines: dict[Place, int] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path, content: bytes) -> Marked:
        """Raises Misconfigured with file and line when it is not YAML in UTF-8."""
        try:
            text = content.decode("utf-8-sig")
            _refuse_depth(text)
            node = yaml.compose(text, Loader=_LOADER)
            marked = cls()
            marked.data = marked._plain(node, ()) if node else None
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise Misconfigured(f"{path}:{line}: this is not text; save it as UTF-8") from None
        except yaml.reader.ReaderError as error:
            line = content.decode("utf-8-sig").count("\n", 0, error.position) + 1
            raise Misconfigured(
                f"{path}:{line}: an invisible control character; delete it"
            ) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise Misconfigured(
                f"{path}:{line}: not readable as YAML here; look at indents, colons and quotes"
            ) from None
        except RecursionError:
            raise Misconfigured(f"{path}:1: nested too deeply; write plain lists") from None
        return marked

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest thing around it that the file has."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def _plain(self, node: yaml.Node, place: Place) -> object:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else str(node.value)
        if id(node) in self._seen:
            self.problems.append((place, "aliases (*) are not read here; write it out in full"))
            return [] if isinstance(node, yaml.SequenceNode) else {}
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(one, (*place, row)) for row, one in enumerate(node.value)]
        return self._mapping(node, place)

    def _mapping(self, node: yaml.Node, place: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in found:
                self._lines[*place, key] = key_node.start_mark.line + 1
                self.problems.append(((*place, key), f"`{key}` is written twice; keep one"))
                continue
            self._lines[*place, key] = key_node.start_mark.line + 1
            found[key] = self._plain(value, (*place, key))
        return found


def _refuse_depth(text: str) -> None:
    """Raises RecursionError. Composing is recursive in C: too deep a file would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecursionError
