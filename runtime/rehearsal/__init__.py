"""Rehearsal: a story of timed human acts, played without waiting for the clock.

    story file --read_story--> Story --play--> Played --check--> faults
                                                      --render--> what a person reads

A `Story` and a `Played` say nothing of where it was played, so every way to play is compared alike.
"""

from runtime.rehearsal.check import check, compare
from runtime.rehearsal.core import play_on_core
from runtime.rehearsal.facts import Facts
from runtime.rehearsal.played import Played, Result
from runtime.rehearsal.reading import read_story
from runtime.rehearsal.report import render
from runtime.rehearsal.story import Story

__all__ = [
    "Facts",
    "Played",
    "Result",
    "Story",
    "check",
    "compare",
    "play_on_core",
    "read_story",
    "render",
]
