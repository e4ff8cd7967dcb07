"""Whom the steps of climbs reach, and as what."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.escalation.models import Climb, Crew, Move, Policy, Step, Why
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Concern, Recipient, Recipients

LEADS = ("all leads",)
Also = Mapping[str, Sequence[Mapping[str, Any]]]


def concern(climb: Climb) -> Concern:
    """Whom a climb is about, as who-expressions read it."""
    return Concern(
        team=climb.team, teams=tuple(climb.teams or ()), reporter=climb.reporter, assignees=tuple(climb.assignees)
    )


def paged(climb: Climb, before: Move | None) -> set[str]:
    """Everybody whom it has paged, and every channel; not by the move that is meant."""
    own = (before.why.value, before.step, before.repetition) if before else None
    entries = (each for each in climb.trail or () if (each["why"], each["step"], each["repetition"]) != own)
    return {reader for entry in entries for reader in (*entry["people"], *entry["channels"])}


class Readers:
    """Whom the steps of climbs reach at an instant: neither who raised the matter, since they know, nor who has it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._found: dict[tuple[Any, ...], Recipients] = {}
        self._moments: dict[tuple[int, datetime], Hashable] = {}

    def crew(self, climb: Climb, policy: Policy, at: datetime) -> Crew:
        def on(step: int) -> Recipients:
            return self.of_step(climb, policy.steps[step].notify, at)

        return Crew(lambda step: not on(step).nobody, lambda step, other: reached(on(step)) <= reached(on(other)))

    def of_move(self, climb: Climb, policy: Policy, move: Move, at: datetime | None = None) -> tuple[str, Recipients]:
        """The level that a move reaches and who is on it; whoever has it where no step is left.

        Past the last step these are the coordinators; where nobody was paged and none of them can be, all leads.
        """
        at = at or self._tx.now
        if move.why == Why.EXHAUSTED:
            told, known = self.of_step(climb, (COORDINATOR,), at), self.on_top(climb, policy, at)
            if told.nobody and not paged(climb, move):
                return "All leads", self.of_step(climb, LEADS, at)
            every = told.people or self._own(climb, at)
            people = tuple(each for each in every if each.person.key not in known)
            return "Coordinator", replace(told, people=people)
        if move.step is not None:
            levels = (policy.steps[step].level for step in (move.step, *move.along))
            return joined(levels), self.of_step(climb, policy.steps[move.step].notify, at)
        if climb.holder and move.why not in (Why.OVER, Why.SNOOZE):
            return "", self._meant(climb, (climb.holder,), at)
        return "", Recipients()

    def _own(self, climb: Climb, at: datetime) -> tuple[Recipient, ...]:
        """The coordinator who raised it: that nobody has taken it is news to them too, where no other can be told."""
        meant = self._meant(climb, (COORDINATOR,), at).people
        return tuple(each for each in meant if each.person.key == climb.reporter != climb.holder)

    def on_top(self, climb: Climb, policy: Policy, at: datetime) -> list[str]:
        """Which coordinators are on the last step, if it is paged again: they need not hear that it was the last."""
        top = policy.steps[policy.top]
        coordinators = keys(self.of_step(climb, (COORDINATOR,), at)) if top.repeat_every else []
        return [key for key in coordinators if key in keys(self.of_step(climb, top.notify, at))]

    def also(self, climb: Climb, policy: Policy, move: Move, at: datetime) -> Also:
        """As what else people are paged by the steps that go along with a move."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for step in move.along:
            for each in self.of_step(climb, policy.steps[step].notify, at).people:
                found.setdefault(each.person.key, []).append({"step": step, **facts_of(each)})
        return found

    def of_step(self, climb: Climb, notify: tuple[str, ...], at: datetime) -> Recipients:
        key = (climb.plan_id, notify, concern(climb), climb.holder, self._as_of(climb.plan_id, at))
        if key not in self._found:
            meant, spared = self._meant(climb, notify, at), self._spared(climb, notify)
            people = tuple(recipient for recipient in meant.people if recipient.person.key not in spared)
            self._found[key] = Recipients(people=people, channels=meant.channels)
        return self._found[key]

    def _as_of(self, plan_id: int, at: datetime) -> Hashable:
        if (plan_id, at) not in self._moments:
            self._moments[plan_id, at] = teams.directory(self._tx, plan_id).as_of(at)
        return self._moments[plan_id, at]

    def knowing(self, climb: Climb, step: Step, at: datetime) -> list[str]:
        """Who is on a step and is not paged: they raised it, or they have it."""
        spared = self._spared(climb, step.notify)
        return [key for key in keys(self._meant(climb, step.notify, at)) if key in spared]

    def _spared(self, climb: Climb, notify: tuple[str, ...]) -> set[str | None]:
        return {climb.holder, *(() if "reporter" in notify else (climb.reporter,))}

    def _meant(self, climb: Climb, notify: tuple[str, ...], at: datetime) -> Recipients:
        directory = teams.directory(self._tx, climb.plan_id)
        meant = teams.who(directory, notify, concern(climb), at)
        reachable = tuple(recipient for recipient in meant.people if directory.reach(recipient.person))
        return Recipients(people=reachable, channels=meant.channels)


def keys(recipients: Recipients) -> list[str]:
    return [recipient.person.key for recipient in recipients.people]


def reached(recipients: Recipients) -> set[str]:
    return {*keys(recipients), *recipients.channels}


def facts_of(recipient: Recipient) -> dict[str, str]:
    instead = {"instead_of": recipient.instead_of.key} if recipient.instead_of else {}
    return {"to": recipient.person.key, "reason": recipient.why, **instead}
