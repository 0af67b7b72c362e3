"""The tables of a sheet: states, acts, forms, tasks, deadlines, rules, clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.base import Value
from models.case import No
from models.forms import CommonIntake
from models.people import Role, ladder
from models.policy import Clause, Deadline, Mark
from policy import book
from procedures import common
from procedures.procedure import Procedure
from procedures.words import Act, Outcome, Start, Step, Task
from runtime.publish.fields import fields, groups
from runtime.publish.markdown import table
from runtime.publish.picture import codes, ways

HALF, WHOLE = 0.5, 100
ANYWHERE = "any step: stays"
YES = "yes"


def roles(codes: Iterable[Role]) -> str:
    """Plain names of roles; `COL` is anybody."""
    said = ("Any colleague" if code is Role.COL else book().roles[code].name for code in codes)
    return ", ".join(said)


def shown(mark: Mark) -> str:
    """A mark as a sheet shows it: what is reconstructed catches the eye."""
    return f"**{mark.value}**" if mark is Mark.RECONSTRUCTED else mark.value


def own_acts(procedure: type[Procedure]) -> dict[str, Act]:
    """The acts of the procedure itself."""
    return {name: act for name, act in procedure.acts.items() if act is not common.COMMON.get(name)}


# --- states -------------------------------------------------------------------------------------


def states(procedure: type[Procedure]) -> str:
    """Every state: who holds it, on which clock, what happens at due."""
    head = (
        "Id",
        "Plain name",
        "In code",
        "Held by",
        "Clock",
        "When the time is up",
        "Clause",
        "Mark",
    )
    return table(head, (_state(procedure, state) for state in procedure.states))


def _state(procedure: type[Procedure], state: object) -> tuple[str, ...]:
    assert isinstance(state, Start | Step | Outcome)
    held, clock, due = "", "", ""
    if isinstance(state, Step):
        held, clock, due = roles(state.held_by), _clock(state.clock), _at_due(procedure, state)
    elif isinstance(state, Outcome):
        held = f"closed ({_no(state.no)})" if state.no else "closed"
    name = f"`{state.id}`"
    return state.code, state.label, name, held, clock, due, state.clause, shown(state.mark)


def _no(no: No | None) -> str:
    return no.replace("_", " ") if no else ""


def _clock(clock: str | None) -> str:
    if clock is None:
        return ""
    deadline = book().deadlines[clock]
    urgent = f", urgent {deadline.urgent.words}" if deadline.urgent else ""
    return f"{clock}: {deadline.normal.words}{urgent}"


def _at_due(procedure: type[Procedure], step: Step) -> str:
    then = book().deadlines[step.clock].then if step.clock else ""
    if step.at_due is None:
        return then
    return f"{then} The system: {procedure.acts_by_code[step.at_due].label} ({step.at_due})."


# --- acts ---------------------------------------------------------------------------------------


def acts(procedure: type[Procedure], listed: dict[str, Act]) -> str:
    """Every act: who, from where to where, whether it decides, who hears of it."""
    head = (
        "Id", "Act", "Typed as", "From and to", "Who", "Decides", "Two people", "Who is told",
        "Which “no”", "Clause", "Mark",
    )  # fmt: skip
    return table(head, (_act(procedure, name, act) for name, act in listed.items()))


def _act(procedure: type[Procedure], name: str, act: Act) -> tuple[str, ...]:
    typed = f"`{name}`" if act.by_people else "not typed"
    decides = YES if act.decides else ""
    return (
        act.code, act.label, typed, _routes(procedure, act) or ANYWHERE, roles(act.who), decides,
        " and ".join(book().roles[role].name for role in act.together), roles(act.tells),
        _no(act.no),         act.clause, shown(act.mark),
    )  # fmt: skip


def _routes(procedure: type[Procedure], act: Act) -> str:
    """Where an act leads: together what leads to the same state in the same case."""
    found: dict[tuple[str, str], list[str]] = {}
    for way in ways(procedure):
        if way.act is act:
            to = "" if way.source == way.target else way.target
            found.setdefault((to, way.route), []).append(way.source)
    return "; ".join(
        codes(procedure, sources)
        + (f" → {codes(procedure, [to])}" if to else ": stays")
        + (f" ({route})" if route else "")
        for (to, route), sources in found.items()
    )


def asks(listed: dict[str, Act]) -> str:
    """What every act asks for, which rules are asked, whom it keeps apart, what else follows."""
    head = ("Id", "The form asks", "Rules asked", "People kept apart", "Besides")
    rows = (
        (act.code, _form(act), _rules(act), ", ".join(_apart(act)), "; ".join(_besides(act)))
        for act in listed.values()
    )
    return table(head, rows)


def _form(act: Act) -> str:
    reason = "a reason" if act.decides else ""
    found = [
        f"`{name}`: {said}" + ("" if needed else " (may be left out)")
        for name, said, needed in fields(act.form)
    ]
    if issubclass(act.form, CommonIntake):  # it has a section of its own
        found = ["the intake form below"]
    return "; ".join(part for part in (reason, *found) if part)


def _rules(act: Act) -> str:
    return "; ".join(f"{rule.says} [{rule.clause}, {shown(rule.mark)}]" for rule in act.guards)


def _apart(act: Act) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.id for rule in Procedure.apart(act)))


def _besides(act: Act) -> Iterator[str]:
    if act.up:
        yield "the next step starts with the next-level role"
    if act.keeps_clock:
        yield "the clock runs on"
    if act.final_word:
        yield "what came before cannot be corrected any more"
    if act.sealed:
        yield "sealed: the trail shows the conclusion only"
    if act.any_rung:
        yield "at any time, whoever owns the step"


# --- forms --------------------------------------------------------------------------------------


def form(asked: type[Value]) -> str:
    """Every field of a form."""
    return _fields_table(fields(asked))


def _fields_table(rows: Iterable[tuple[str, str, bool]]) -> str:
    head = ("Field", "Kind", "Must be there")
    return table(head, ((f"`{name}`", said, YES if needed else "") for name, said, needed in rows))


def parts(procedure: type[Procedure]) -> str:
    """The groups of fields that forms share, each with its own table."""
    found = {}
    for asked in (procedure.intake_form, *(act.form for act in procedure.acts.values())):
        found.update(groups(asked))
    return "\n\n".join(f"### {name}\n\n{_fields_table(found[name])}" for name in sorted(found))


# --- tasks and deadlines ------------------------------------------------------------------------


def tasks(procedure: type[Procedure]) -> str:
    """Every task: who owns it, which act ends it, whether closing waits for it."""
    head = (
        "Id", "Task", "Owner", "Then", "Ended by", "Clock", "Closing waits", "Every procedure",
        "Clause", "Mark",
    )  # fmt: skip
    rows = []
    for task in (*procedure.tasks, *common.TASKS):
        done_by = (procedure.acts_by_code[code] for code in task.done_by)
        ends = (f"{act.label} ({act.code})" for act in done_by)
        row = (
            f"`{task.id}`", task.label, roles([task.held_by]), roles(_rungs(task)), "; ".join(ends),
            _clock(task.clock), YES if task.mandatory else "", YES if task in common.TASKS else "",
            task.clause, shown(task.mark),
        )  # fmt: skip
        rows.append(row)
    return table(head, rows)


def _rungs(task: Task) -> tuple[Role, ...]:
    """Who takes over in turn; nobody, where the deadline gives no next person any time."""
    moves = task.clock is not None and book().deadlines[task.clock].fresh is not None
    return (task.rungs or ladder(task.held_by))[1:] if moves else ()


def deadlines(procedure: type[Procedure]) -> str:
    """Every deadline the procedure uses, and what happens when it is missed."""
    head = (
        "Id", "What", "Normal", "Urgent", "Reminder", "The next person gets",
        "Then a reminder every", "Before the court's date", "Also told", "What happens then",
        "Clause", "Mark",
    )  # fmt: skip
    return table(head, (_deadline(book().deadlines[clock]) for clock in procedure.clocks_used()))


def _deadline(one: Deadline) -> tuple[str, ...]:
    amounts = (one.fresh, one.repeat)
    stop = f"at least {one.before_court.words}" if one.before_court else ""
    return (
        one.id, one.what, one.normal.words, one.urgent.words if one.urgent else "", _reminder(one),
        *(length.words if length else "" for length in amounts), stop, roles(one.tells), one.then,
        one.source, shown(one.mark),
    )  # fmt: skip


def _reminder(one: Deadline) -> str:
    if one.remind_at is None:
        return ""
    return "half-way" if one.remind_at == HALF else f"after {one.remind_at * WHOLE:.0f}%"


# --- rules and clauses --------------------------------------------------------------------------


def apart(procedure: type[Procedure]) -> str:
    """Every rule that keeps people apart, as it is said to whoever it stops."""
    found: dict[tuple[str, str], list[str]] = {}
    marks: dict[tuple[str, str], tuple[str, str]] = {}
    for act in procedure.acts.values():
        for rule in Procedure.apart(act):
            acting = found.setdefault((rule.id, rule.says), [])
            acting += [] if act.code in acting else [act.code]
            marks[rule.id, rule.says] = (rule.clause, shown(rule.mark))
    rows = (
        (name, says, ", ".join(acting), *marks[name, says])
        for (name, says), acting in found.items()
    )
    return table(("Id", "What it says", "Acts", "Clause", "Mark"), rows)


def guards(procedure: type[Procedure]) -> str:
    """Every rule asked before an act."""
    rows: dict[str, tuple[str, str, str, str]] = {}
    asked: dict[str, list[str]] = {}
    for act in procedure.acts.values():
        for rule in act.guards:
            rows[rule.id] = (f"`{rule.id}`", rule.says, rule.clause, shown(rule.mark))
            asked.setdefault(rule.id, []).append(act.code)
    lines = (
        (name, says, ", ".join(asked[key]), *rest) for key, (name, says, *rest) in rows.items()
    )
    return table(("Id", "Rule", "Acts", "Clause", "Mark"), lines)


def clauses(procedure: type[Procedure]) -> str:
    """The clauses of the policy and the guidelines that the procedure names, in our own words."""
    named = {state.clause for state in procedure.states if isinstance(state, Step | Outcome)}
    for act in procedure.acts.values():
        named |= {act.clause} | {rule.clause for rule in act.guards}
    named |= {task.clause for task in (*procedure.tasks, *common.TASKS)}
    known: dict[str, Clause] = book().clauses
    rows = ((key, one.text, one.source) for key, one in known.items() if key in named)
    return table(("Clause", "In our own words", "Where"), rows)


def reconstructed(procedure: type[Procedure]) -> str:
    """How much of the procedure is reconstructed: states and acts, counted."""
    own = tuple(own_acts(procedure).values())
    held = [state for state in procedure.states if isinstance(state, Step | Outcome)]
    count = sum(state.mark is Mark.RECONSTRUCTED for state in held)
    done = sum(act.mark is Mark.RECONSTRUCTED for act in own)
    return (
        f"Reconstructed (R) are {count} of its {len(held)} states and {done} of its {len(own)}"
        " acts, and every amount of time that is not marked L."
    )
