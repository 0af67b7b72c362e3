from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from models.errors import BadInput, Unavailable
from models.policy import Mark
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES, by_name
from procedures.words import Act, Outcome, Start, Step
from runtime.publish import publish, stale, svg
from runtime.publish.picture import picture, ways

DIAGRAMS = Path(__file__).parents[1] / "diagrams"
SVG = "{http://www.w3.org/2000/svg}"

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


def _page(procedure: type[Procedure], ending: str) -> str:
    return (DIAGRAMS / f"{procedure.key}.{ending}").read_text(encoding="utf-8")


def _leading_away(procedure: type[Procedure]) -> list[Act]:
    found = [way.act for way in ways(procedure) if way.source != way.target]
    return list(dict.fromkeys(found))


def _reconstructed(procedure: type[Procedure]) -> list[Start | Step | Outcome]:
    return [
        state
        for state in procedure.states
        if isinstance(state, Start | Step | Outcome) and state.mark is Mark.RECONSTRUCTED
    ]


@pytest.fixture(scope="module")
def _drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    publish(folder)
    return folder


@pytest.fixture
def published(_drawn: Path, tmp_path: Path) -> Path:
    """Pages just published, to spoil: copied, since drawing them takes over a second."""
    return Path(shutil.copytree(_drawn, tmp_path / "published"))


# --- current ------------------------------------------------------------------------------------


def test_the_published_pages_are_current() -> None:
    assert stale(DIAGRAMS) == [], "run `make publish` and read the diff"


def test_publishing_twice_gives_the_same_bytes(published: Path) -> None:
    first = {path.name: path.read_bytes() for path in published.iterdir()}
    assert {path.name: path.read_bytes() for path in publish(published)} == first
    assert stale(published) == []


@pytest.mark.parametrize("ending", ["md", "mmd", "svg"])
def test_a_page_changed_by_hand_or_missing_is_stale(published: Path, ending: str) -> None:
    page = published / f"court_directed_access.{ending}"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert stale(published) == [page]
    page.unlink()
    assert stale(published) == [page]


def test_without_the_drawing_program_nothing_is_written_and_digests_are_compared(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = next(published.glob("*.svg"))
    monkeypatch.setattr(svg, "PROGRAM", "a-program-nobody-has")
    assert stale(published) == []
    text = drawn.read_text(encoding="utf-8")
    drawn.write_text(re.sub('data-source="..', 'data-source="--', text), encoding="utf-8")
    assert stale(published) == [drawn]
    with pytest.raises(Unavailable, match="make setup"):
        publish(published / "elsewhere")
    assert not (published / "elsewhere").exists()


def test_every_page_belongs_to_a_procedure() -> None:
    wanted = {
        f"{key}{ending}" for key in PROCEDURES for ending in (".md", ".mmd", ".svg", "_who_may.md")
    }
    assert {path.name for path in DIAGRAMS.iterdir()} == wanted | {"README.md"}


# --- what is reconstructed is seen to be --------------------------------------------------------


@each
def test_mermaid_marks_every_reconstructed_state(procedure: type[Procedure]) -> None:
    text = _page(procedure, "mmd")
    for state in _reconstructed(procedure):
        assert f'({state.code}) [R]" as {state.id}\n' in text
        assert f"class {state.id} reconstructed\n" in text


@each
def test_mermaid_marks_every_act_by_its_letter(procedure: type[Procedure]) -> None:
    text = _page(procedure, "mmd")
    for act in _leading_away(procedure):
        letter = "" if act.mark is Mark.SEED else f" [{act.mark.value}]"
        said = re.findall(rf"\({re.escape(act.code)}\)( \[\w\])?", text)
        assert said
        assert set(said) == {letter}


@each
def test_the_drawing_dashes_and_marks_every_reconstructed_state(procedure: type[Procedure]) -> None:
    groups = {group.get("id"): group for group in ET.fromstring(_page(procedure, "svg")).iter()}  # noqa: S314  # our own file
    for state in _reconstructed(procedure):
        group = groups[f"state-{state.id}"]
        assert "reconstructed" in (group.get("class") or "").split()
        assert _dashed(group)
        assert "[R]" in _text(group)


@each
def test_the_drawing_dashes_exactly_the_reconstructed_arrows(procedure: type[Procedure]) -> None:
    codes = {act.code: act.mark is Mark.RECONSTRUCTED for act in procedure.acts.values()}
    root = ET.fromstring(_page(procedure, "svg"))  # noqa: S314  # our own file
    seen = set()
    for group in root.iter(f"{SVG}g"):
        if "arrow" not in (group.get("class") or "").split():
            continue
        said = re.findall(r"\(([\w-]+)\)( \[R\])?", _text(group))
        seen |= {code for code, _ in said}
        assert said
        assert {codes[code] for code, _ in said} == {_dashed(group)}
        assert all(bool(letter) == codes[code] for code, letter in said)
    assert seen == {act.code for act in _leading_away(procedure)}


def _dashed(group: ET.Element) -> bool:
    return any(shape.get("stroke-dasharray") for shape in group.iter())


def _text(group: ET.Element) -> str:
    return " ".join((text.text or "").strip() for text in group.iter(f"{SVG}text"))


@each
def test_the_drawing_names_and_describes_itself(procedure: type[Procedure]) -> None:
    root = ET.fromstring(_page(procedure, "svg"))  # noqa: S314  # our own file
    told = {child.get("id"): child.text for child in root}
    names = (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img"
    assert [told[name] for name in names] == [procedure.title, svg.DESCRIPTION]
    assert "reconstructed, because they are silent" in _text(root)


@each
def test_the_sheet_holds_every_state_act_task_and_rule_with_its_mark(
    procedure: type[Procedure],
) -> None:
    rows = _rows(_page(procedure, "md"))
    held = [state for state in procedure.states if isinstance(state, Start | Step | Outcome)]
    wanted = [(state.code, state.label, state.mark) for state in held]
    wanted += [(act.code, act.label, act.mark) for act in procedure.acts.values()]
    wanted += [(f"`{task.id}`", task.label, task.mark) for task in procedure.tasks]
    wanted += [
        (f"`{rule.id}`", rule.says, rule.mark)
        for act in procedure.acts.values()
        for rule in act.guards
    ]
    for code, label, mark in wanted:
        shown = "**R**" if mark is Mark.RECONSTRUCTED else mark.value
        assert [row[-1] for row in rows if row[:2] == [code, label]] == [shown]


@each
def test_the_sheet_holds_every_deadline_and_what_happens_then(procedure: type[Procedure]) -> None:
    shown = {row[0] for row in _rows(_page(procedure, "md"))}
    assert set(procedure.clocks_used()) <= shown


def _rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [re.split(r" \| ", line[2:-2]) for line in lines]


@each
def test_the_sheet_shows_the_picture_of_the_file(procedure: type[Procedure]) -> None:
    assert f"```mermaid\n{_page(procedure, 'mmd')}```" in _page(procedure, "md")


# --- the Mermaid is well made -------------------------------------------------------------------

DECLARED = re.compile(r'state "[^"]+" as (\w+)')
ARROW = re.compile(r"(\w+|\[\*\]) --> (\w+|\[\*\])( : [^\n;]+)?")
CLASSED = re.compile(r"class (\w+) (\w+)")
DEFINED = re.compile(r"classDef (\w+) .+")


@each
def test_every_line_of_the_mermaid_is_one_it_knows(procedure: type[Procedure]) -> None:
    title, kind, *lines = _page(procedure, "mmd").splitlines()
    assert title.startswith("%% ")
    assert kind == "stateDiagram-v2"
    known = (DECLARED, ARROW, CLASSED, DEFINED, re.compile("direction TB"))
    unknown = [line for line in lines if not any(one.fullmatch(line.strip()) for one in known)]
    assert unknown == []


@each
def test_every_state_the_mermaid_names_is_declared_once(procedure: type[Procedure]) -> None:
    lines = [line.strip() for line in _page(procedure, "mmd").splitlines()]
    declared = [found[1] for line in lines if (found := DECLARED.fullmatch(line))]
    arrows = [found for line in lines if (found := ARROW.fullmatch(line))]
    ends = {end for arrow in arrows for end in (arrow[1], arrow[2])} - {"[*]"}
    classed = [found for line in lines if (found := CLASSED.fullmatch(line))]
    defined = {found[1] for line in lines if (found := DEFINED.fullmatch(line))}
    assert len(declared) == len(set(declared))
    assert ends == set(declared) == {box.id for box in picture(procedure).boxes}
    assert {state.id for state in procedure.states} <= set(declared)
    assert {one[1] for one in classed} <= set(declared)
    assert {one[2] for one in classed} == defined


@each
def test_the_picture_holds_every_way_that_leads_somewhere_else(procedure: type[Procedure]) -> None:
    drawn = picture(procedure)
    codes = {state.id: getattr(state, "code", "") for state in procedure.states}
    order = list(codes.values())
    stands_for = {box.id: _states_of(box.code, order) for box in drawn.boxes}
    shown = {
        (source, codes[arrow.target], said.code, said.route)
        for arrow in drawn.arrows
        for said in arrow.said
        for source in stands_for[arrow.source]
    }
    assert shown == {
        (codes[way.source], codes[way.target], way.act.code, way.route)
        for way in ways(procedure)
        if way.source != way.target
    }


def _states_of(name: str, order: list[str]) -> list[str]:
    found = []
    for part in name.split(", "):
        first, _, last = part.partition(" to ")
        found += order[order.index(first) : order.index(last or first) + 1]
    return found


# --- the register -------------------------------------------------------------------------------


@each
def test_a_procedure_is_found_by_key_and_by_code(procedure: type[Procedure]) -> None:
    for name in (procedure.key, procedure.code, procedure.code.lower(), f" {procedure.key} "):
        assert by_name(name) is procedure
    assert by_name(procedure.key.replace("_", "-")) is procedure


def test_an_unknown_procedure_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInput) as caught:
        by_name("no such thing")
    assert len(caught.value.problems) == len(PROCEDURES)
    assert "no such thing" not in str(caught.value)
