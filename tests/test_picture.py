from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from procedures.registry import PROCEDURES
from procedures.words import Outcome
from runtime.publish.picture import ways
from tests.service import Service
from tests.web_help import Browser, plain
from web import picture as pictures
from web.picture import BEEN, NOW, drawing, picture, steps_as_text

STATES = [
    pytest.param(key, state.id, id=f"{kind.code}-{state.id}")
    for key, kind in PROCEDURES.items()
    for state in kind.states
]
every_state = pytest.mark.parametrize(("key", "state"), STATES)


def _groups(svg: str) -> dict[str, ET.Element]:
    root = ET.fromstring(svg)  # noqa: S314  # our own drawing
    return {group.get("id", ""): group for group in root.iter("g")}


def _badges(group: ET.Element) -> list[str]:
    found = [one for one in group if one.get("class") == "app-picture__badge"]
    return [text.text or "" for one in found for text in one.iter("text")]


@every_state
def test_every_state_is_shown_as_now_by_a_class_and_a_word(key: str, state: str) -> None:
    groups = _groups(picture(key, PROCEDURES[key].version, state))
    marked = {name: _badges(group) for name, group in groups.items() if _badges(group)}
    assert marked == {f"{key}-state-{state}": [NOW]}
    classes = (groups[f"{key}-state-{state}"].get("class") or "").split()
    assert "app-picture__now" in classes
    assert "node" in classes, "what the diagram says of the state stays"


@every_state
def test_the_text_says_the_same_of_every_state(key: str, state: str) -> None:
    kind = PROCEDURES[key]
    been = {one.id for one in kind.states} - {state}
    places = steps_as_text(key, kind.version, state, been)
    by_id = dict(zip((one.id for one in kind.states), places, strict=True))
    assert [name for name, place in by_id.items() if place.now] == [state]
    assert {name for name, place in by_id.items() if place.been} == been
    here = kind.states_map[state]
    assert by_id[state].label == getattr(here, "label", "")
    assert by_id[state].ends == isinstance(here, Outcome)
    wanted = {way.act.code for way in ways(kind) if way.source == state != way.target}
    assert set(re.findall(r"\(([A-Z]+-[\w]+)\)", " ".join(by_id[state].leads))) == wanted


@pytest.mark.parametrize("key", PROCEDURES)
def test_states_a_case_has_been_through_say_so_and_are_not_now(key: str) -> None:
    first, second, third = (state.id for state in PROCEDURES[key].states[:3])
    groups = _groups(picture(key, 1, second, {first, second}))
    said = [_badges(groups[f"{key}-state-{name}"]) for name in (first, second, third)]
    assert said == [[BEEN], [NOW], []]


@pytest.mark.parametrize("key", PROCEDURES)
def test_a_picture_keeps_to_the_content_policy_and_names_itself(key: str) -> None:
    svg = picture(key, 1, PROCEDURES[key].states[1].id)
    root = ET.fromstring(svg)  # noqa: S314  # our own drawing
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href", svg)
    assert root.get("role") == "img"
    told = {one.get("id"): one.text or "" for one in root if one.tag in ("title", "desc")}
    title, description = (told[name] for name in (root.get("aria-labelledby") or "").split())
    assert title == PROCEDURES[key].title
    assert NOW in description
    assert BEEN in description


def test_reconstructed_states_stay_dashed_and_lettered_when_they_are_marked() -> None:
    groups = _groups(picture("employee_comments", 1, "watching"))
    group = groups["employee_comments-state-watching"]
    assert "reconstructed" in (group.get("class") or "").split()
    assert any(shape.get("stroke-dasharray") for shape in group)
    place = next(p for p in steps_as_text("employee_comments", 1, "watching") if p.now)
    assert place.mark == " [R]"


def test_a_case_of_an_earlier_version_is_told_that_the_picture_is_newer() -> None:
    newest = PROCEDURES["court_directed_access"].version
    assert drawing("court_directed_access", newest, "registered").note == ""
    assert f"shows version {newest}" in drawing("court_directed_access", newest - 1, "x").note


def test_without_the_drawings_the_text_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "DIAGRAMS", pictures.DIAGRAMS / "not-there")
    pictures._read.cache_clear()
    pictures._drawn.cache_clear()
    try:
        found = drawing("employee_comments", 1, "assessing")
    finally:
        pictures._read.cache_clear()
        pictures._drawn.cache_clear()
    assert (found.svg, found.here) == ("", "")
    assert any(place.now for place in found.places)


async def test_the_page_of_a_case_shows_where_it_is_and_has_been(service: Service) -> None:
    case_id = await service.open()
    await service.act(case_id, "lm-1", "start_considering")
    browser = await Browser(service).sign_in("lm-1")
    answer = await browser.get(f"/case/{case_id}")
    key = "court_directed_access"
    drawn = re.search(r"<svg.*?app-picture__drawing.*?</svg>", answer.text, re.DOTALL)
    assert drawn is not None
    marked = {name: _badges(one) for name, one in _groups(drawn[0]).items() if _badges(one)}
    assert marked == {
        f"{key}-state-draft": [BEEN],
        f"{key}-state-registered": [BEEN],
        f"{key}-state-considering": [NOW],
    }
    said = plain(answer.text)
    assert "Direction registered: line manager told (D1) \u2013 been here" in said
    assert "Line manager considering if access is necessary (D2) \u2013 now" in said
