"""What a capability declares of itself; `app` has the one list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callboard.core.db import Tx
from callboard.core.measures import Compute
from callboard.core.notices import Notice
from callboard.core.retention import Sweep
from callboard.core.ticks import DueWork
from callboard.planfile.sections import Section
from callboard.slack.grammar import Command
from callboard.slack.routes import Hears, Interaction


@dataclass(frozen=True, kw_only=True)
class Capability:
    """Commands and clicks it answers, events it hears, what comes due in it, what it writes, its sections.

    `pages` has the notice by which escalation pages for each kind of subject that climbs, `answers` how such a page is
    answered outside Slack (an `Answerable` of `teams.slack`), `weights` how much the subject matters, `called` what
    people call it where that is not its number. `measures` has what it computes, `sweeps` which of its rows are not
    kept for ever. `evidence` finds what is not as the timeline has it in a plan.
    """

    name: str
    commands: tuple[Command, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    hears: tuple[Hears, ...] = ()
    due: tuple[DueWork, ...] = ()
    notices: tuple[Notice, ...] = ()
    pages: Mapping[str, Notice] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Callable[[Tx, int], str]] = field(default_factory=dict)
    called: Mapping[str, Callable[[Tx, int], str]] = field(default_factory=dict)
    measures: Mapping[str, Compute] = field(default_factory=dict)
    sections: tuple[Section[Any], ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    evidence: Callable[[Tx, int], Iterable[str]] | None = None
    subscriptions: tuple[tuple[type, Callable[[Any, Any], None]], ...] = ()
