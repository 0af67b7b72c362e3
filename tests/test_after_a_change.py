"""What is worked out again when something changed: holders after a correction, tasks after a move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.forms import CommonIntake, Note
from models.people import Role
from procedures.procedure import Procedure
from procedures.words import Act, Outcome, Start, Step, Task, leading, staying
from tests.core_help import Play, a_target, at_step, must, usual_intake

CHAT = Task("chat", "Talk about it", Role.PR, ("X-3",), None, "")


class Errand(Procedure):
    """Told twice: nobody has anything to do at the first step, and the case moves on by itself."""

    key, code, title = "errand_on_the_move", "ERRAND2", "An errand"
    intake_form, record_form = CommonIntake, Note
    starters, opening = (Role.PR,), "ask"
    tasks, settles = (CHAT,), ("go_on",)

    draft = Start("Draft", "X0")
    asked = Step("Asked", "X1", held_by=Role.LM)
    talking = Step("Talking", "X2", held_by=Role.LM)
    done = Outcome("Done", "XF")

    ask = Act("X-1", "Ask", draft.to(asked), who=Role.PR, form=CommonIntake)
    go_on = Act("X-2", "Go on", leading(talking, asked), who=Role.SYS)
    talk = Act("X-3", "Talk", staying(talking), who=Role.PR)
    end = Act("X-4", "End", talking.to(done), who=Role.LM)

    @classmethod
    def first_record(cls, intake: Any) -> Note:
        """Nothing is gathered."""
        return Note()

    def tasks_wanted(self) -> Iterator[Task]:
        """Only once they talk."""
        if self.here == "talking":
            yield CHAT


class ErrandPlay(Play):
    """One errand."""

    kind = Errand

    def form(self, **changes: Any) -> dict[str, Any]:
        """The questions every form asks, and no more."""
        form = usual_intake()
        return {name: form[name] for name in CommonIntake.model_fields if name in form}


def test_the_tasks_of_a_step_are_opened_when_the_case_moved_there_by_itself() -> None:
    play = ErrandPlay()

    assert play.here == "talking"
    assert play.duties() == {"talking", "chat"}


def test_whoever_was_kept_out_since_gets_no_step_back_by_a_correction() -> None:
    play = at_step("considering", targets=[a_target(child=True)])
    must(play.act("leg-1", "ask_the_court"))
    assert play.here != "considering"
    must(play.act("lm-1", "declare_conflict"))

    view = {"act": "give_legal_view", "fields": play.usual("give_legal_view")}
    must(play.act("leg-1", "correct_decision", fields=view))

    assert play.here == "considering"
    assert play.holders("considering") == ["hop-1"]
