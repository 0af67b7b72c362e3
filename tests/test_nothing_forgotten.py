from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow

import procedures as procedures_package
from models.base import Value
from models.people import Role, ladder
from models.policy import Deadline, Mark
from policy import book
from procedures import common
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from procedures.words import Apart, Guard, Outcome, Start, Step, Task
from runtime.publish.picture import ways

ROOT = Path(__file__).parents[1]
# The ids of the policy analysis, written out again: what is lost from a class is missed here.
STATES = {
    "employee_comments": [f"E{n}" for n in range(7)] + [f"EF{n}" for n in range(1, 7)],
    "court_proceedings": [f"C{n}" for n in range(7)] + [f"CF{n}" for n in range(1, 8)],
    "court_directed_access": [f"D{n}" for n in range(10)] + [f"DF{n}" for n in range(1, 8)],
    "corporate_reputation": [f"R{n}" for n in range(8)] + [f"RF{n}" for n in range(1, 5)],
}
EVENTS = {
    "employee_comments": [f"E-{n:02}" for n in range(1, 24)],
    "court_proceedings": [f"C-{n:02}" for n in range(1, 19)],
    "court_directed_access": [f"D-{n:02}" for n in range(1, 25)],
    "corporate_reputation": [f"R-{n:02}" for n in range(1, 18)] + ["R-t"],
}

# Beside the clauses of the seeds: separation of duties, invariants, and the rules that hold in
# every procedure (6.2 emergency to 6.9 events allowed everywhere). The seeds end at 5.2.
OTHER_SOURCE = re.compile(r"SD([1-9]|1[0-7])|INV-([1-9]|1[0-7])|6\.[2-9]")

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


def _states(procedure: type[Procedure]) -> list[Start | Step | Outcome]:
    found = [state for state in procedure.states if isinstance(state, Start | Step | Outcome)]
    assert found == list(procedure.states), "a plain State says nothing of holder and clause"
    return found


def _steps(procedure: type[Procedure]) -> list[Step]:
    return [state for state in _states(procedure) if isinstance(state, Step)]


def _tasks(procedure: type[Procedure]) -> tuple[Task, ...]:
    return (*procedure.tasks, *common.TASKS)


def _guards(procedure: type[Procedure]) -> Iterator[Guard]:
    return (rule for act in procedure.acts.values() for rule in act.guards)


# --- states -------------------------------------------------------------------------------------


@each
def test_every_state_between_start_and_end_is_a_step_with_a_holder(
    procedure: type[Procedure],
) -> None:
    for state in _states(procedure):
        if isinstance(state, Step):
            assert state.held_by
            assert set(state.held_by).isdisjoint({Role.SYS, Role.COL})
        else:
            assert state.initial or state.final


@each
def test_every_state_can_be_reached_and_left(procedure: type[Procedure]) -> None:
    onward: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}
    for way in ways(procedure):
        onward.setdefault(way.source, set()).add(way.target)
        back.setdefault(way.target, set()).add(way.source)
    every = {state.id for state in _states(procedure)}
    starts = [state.id for state in _states(procedure) if isinstance(state, Start)]
    ends = [state.id for state in _states(procedure) if isinstance(state, Outcome)]
    assert _reach(starts, onward) == every
    assert _reach(ends, back) == every


def _reach(starts: Iterable[str], arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += arrows.get(here, ())
    return found


@each
def test_a_person_can_move_every_step_on(procedure: type[Procedure]) -> None:
    left = {way.source for way in ways(procedure) if way.act.by_people}
    assert {step.id for step in _steps(procedure)} <= left


@each
def test_every_holder_of_a_step_has_something_to_do_there(procedure: type[Procedure]) -> None:
    for step in _steps(procedure):
        for role in step.held_by:
            assert any(
                step.id in act.sources and role in act.who for act in procedure.acts.values()
            ), f"{role} holds {step.id} and can do nothing in it"


@each
def test_every_id_of_the_analysis_is_there(procedure: type[Procedure]) -> None:
    assert [state.code for state in _states(procedure)] == STATES[procedure.key]
    assert set(EVENTS[procedure.key]) <= set(procedure.acts_by_code)


@each
def test_ids_and_labels_are_unique(procedure: type[Procedure]) -> None:
    states, tasks = _states(procedure), _tasks(procedure)
    named = [
        [state.id for state in states],
        [state.code for state in states],
        [state.label for state in states],
        [act.code for act in procedure.acts.values()],
        [act.label for act in procedure.acts.values()],
        [task.id for task in tasks],
        [task.label for task in tasks],
        # Duties of steps and of tasks are found by one id.
        [state.id for state in states] + [task.id for task in tasks],
        list(procedure.acts) + [state.id for state in states],
    ]
    assert [name for names in named for name, many in Counter(names).items() if many > 1] == []


# --- acts ---------------------------------------------------------------------------------------


@each
def test_every_act_has_a_label_and_somebody_who_may(procedure: type[Procedure]) -> None:
    for name, act in procedure.acts.items():
        assert act.label, name
        assert act.who, name
        assert set(act.who) <= set(book().roles), name
        assert set(act.tells) <= set(book().roles), name
        assert act.sources or act.reopens or act is common.COMMON.get(name), name


@each
def test_what_only_the_system_does_decides_nothing(procedure: type[Procedure]) -> None:
    for act in procedure.acts.values():
        assert act.by_people or not (act.decides or act.together), act.code
        assert Role.SYS not in act.who or act.who == (Role.SYS,), act.code


@each
def test_two_people_means_two_roles_that_may(procedure: type[Procedure]) -> None:
    for act in procedure.acts.values():
        assert len(act.together) in (0, 2), act.code
        assert set(act.together) <= set(act.who), act.code


@each
def test_every_form_says_what_it_is_and_types_every_field(procedure: type[Procedure]) -> None:
    for form in {act.form for act in procedure.acts.values()} | {procedure.intake_form}:
        assert issubclass(form, Value)
        assert form.__doc__, f"{form.__name__} has no docstring"
        assert form.__doc__ != Value.__doc__, f"{form.__name__} has no docstring of its own"
        for name, field in form.model_fields.items():
            assert field.annotation not in (None, Any), f"{form.__name__}.{name} has no type"


@each
def test_every_source_is_one_that_can_be_looked_up(procedure: type[Procedure]) -> None:
    for name, clause, mark in _sources(procedure):
        assert _known(clause), f"{name}: clause {clause!r} is neither in the seeds nor a known rule"
        if mark is Mark.SEED:
            assert clause in book().clauses, f"{name}: S, but {clause!r} is no clause of the seeds"


def _sources(procedure: type[Procedure]) -> Iterator[tuple[str, str, Mark]]:
    yield from ((state.code, state.clause, state.mark) for state in _states(procedure))
    yield from ((act.code, act.clause, act.mark) for act in procedure.acts.values())
    yield from ((rule.id, rule.clause, rule.mark) for rule in _guards(procedure))
    yield from ((task.id, task.clause, task.mark) for task in _tasks(procedure))


def _known(clause: str) -> bool:
    return clause in book().clauses or OTHER_SOURCE.fullmatch(clause) is not None


@each
def test_every_route_says_in_words_when_it_is_taken(procedure: type[Procedure]) -> None:
    for state in procedure.states:
        for transition in state.transitions:
            for spec in transition.cond:
                assert (spec.func.__doc__ or "").endswith("."), spec.func


# --- rules --------------------------------------------------------------------------------------


@each
def test_every_rule_has_words_and_a_clause(procedure: type[Procedure]) -> None:
    for rule in _guards(procedure):
        assert rule.says.endswith("."), f"{rule.id} has no docstring"
        assert rule.clause, rule.id
    for act in procedure.acts.values():
        for apart in Procedure.apart(act):
            assert apart.says.endswith("."), apart.id
            assert OTHER_SOURCE.fullmatch(apart.id) or apart.id in procedure.acts_by_code, apart.id


def test_no_rule_is_written_and_then_not_asked() -> None:
    asked: set[int] = set()
    for procedure in PROCEDURES.values():
        asked |= {id(rule) for rule in _guards(procedure)}
        asked |= {id(one) for act in procedure.acts.values() for one in Procedure.apart(act)}
    forgotten = [
        f"{module.__name__}.{name}"
        for module in _modules()
        for name, thing in vars(module).items()
        if isinstance(thing, Guard | Apart) and id(thing) not in asked
    ]
    assert forgotten == []


# --- tasks and deadlines ------------------------------------------------------------------------


@each
def test_every_task_has_an_owner_and_an_act_that_ends_it(procedure: type[Procedure]) -> None:
    for task in _tasks(procedure):
        assert task.held_by in book().roles
        assert task.done_by, task.id
        for code in task.done_by:
            who = procedure.acts_by_code[code].who
            assert task.held_by in who or Role.COL in who, f"the owner of {task.id} cannot end it"


@each
def test_every_deadline_is_in_the_catalogue_and_says_what_happens_then(
    procedure: type[Procedure],
) -> None:
    for clock in procedure.clocks_used():
        deadline = book().deadlines[clock]
        assert deadline.what, clock
        assert deadline.then.endswith("."), clock
        assert deadline.source, clock


@each
def test_every_step_and_mandatory_task_has_a_clock(procedure: type[Procedure]) -> None:
    for step in _steps(procedure):
        assert step.clock, f"{step.id} could rest for ever"
        assert step.at_due is None or not procedure.acts_by_code[step.at_due].by_people, step.id
    for task in _tasks(procedure):
        assert task.clock or not task.mandatory, f"{task.id} could stay open for ever"


@each
def test_a_missed_deadline_is_followed_by_something(procedure: type[Procedure]) -> None:
    for step in _steps(procedure):
        assert step.at_due or _deadline(step.clock).repeat, step.id
    for task in _tasks(procedure):
        if task.clock is None:
            assert not task.mandatory, task.id
            continue
        deadline = _deadline(task.clock)
        assert deadline.repeat, task.id
        assert not deadline.fresh or (task.rungs or ladder(task.held_by))[1:], task.id


def _deadline(clock: str | None) -> Deadline:
    return book().deadlines[clock or ""]


# --- files --------------------------------------------------------------------------------------


def _modules() -> list[Any]:
    found = pkgutil.iter_modules(procedures_package.__path__, "procedures.")
    return [importlib.import_module(module.name) for module in found]


def test_every_file_in_procedures_that_defines_a_procedure_is_listed() -> None:
    defined = {
        thing
        for module in _modules()
        for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, Procedure) and thing.states
    }
    listed = set(PROCEDURES.values())
    before = {old for each in listed for old in each.earlier}
    assert defined == listed | before, "list it in procedures/registry.py, or in `earlier`"


@each
def test_a_procedure_is_called_the_same_everywhere(procedure: type[Procedure]) -> None:
    assert procedure.__module__ == f"procedures.{procedure.key}"
    module = importlib.import_module(f"workflows.{procedure.key}")
    types = [
        definition.name
        for thing in vars(module).values()
        if inspect.isclass(thing) and (definition := workflow._Definition.from_class(thing))
    ]
    assert types == [procedure.key]
    for ending in ("md", "mmd", "svg"):
        assert (ROOT / "diagrams" / f"{procedure.key}.{ending}").is_file(), "run `make publish`"


def test_no_two_procedures_share_a_code_or_a_title() -> None:
    assert len({one.code.casefold() for one in PROCEDURES.values()}) == len(PROCEDURES)
    assert len({one.title for one in PROCEDURES.values()}) == len(PROCEDURES)


# --- the doors: single files, which the import contracts cannot see -----------------------------


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_command_line_speaks_to_the_desk_and_never_to_temporal() -> None:
    assert _imported(ROOT / "cli.py").isdisjoint(
        {"temporalio", "worker", "workflows", "activities"}
    )


def test_nothing_below_imports_the_doors() -> None:
    below = ("models", "policy", "procedures", "activities", "workflows", "runtime")
    for package in below:
        for path in (ROOT / package).rglob("*.py"):
            assert _imported(path).isdisjoint({"cli", "worker"}), path
