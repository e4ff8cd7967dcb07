"""Whose a path is in a plan that runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from callboard.core.db import Tx
from callboard.plans import service as plans
from callboard.zones import owners
from callboard.zones.owners import Rule, rules, winner, winners
from callboard.zones.patterns import Pattern
from callboard.zones.sections import Stack


@dataclass(frozen=True)
class Owned:
    """Some paths, one of them as an example, and the teams that they belong to; several own them jointly."""

    teams: tuple[str, ...]
    path: str
    rule: Rule | None = None

    @property
    def pattern(self) -> str:
        """The pattern of the zone that says so; empty where none does."""
        return str(self.rule.pattern) if self.rule else ""


def standing(tx: Tx, plan_id: int) -> tuple[Rule, ...]:
    """The rules of a plan as it stands, in their order."""
    return rules(plans.live(tx, plan_id).values.get("zones") or ())


def of(tx: Tx, plan_id: int, path: str, section: str = "") -> Owned:
    rule = winner(standing(tx, plan_id), path)
    return Owned(_teams(rule, section), path, rule)


def within(tx: Tx, plan_id: int, pattern: Pattern, section: str = "") -> list[Owned]:
    """Whose the paths of a pattern are, for every rule that decides about some of them."""
    found = winners(standing(tx, plan_id), pattern)
    return [Owned(_teams(rule, section), path, rule) for rule, path in found.items()]


def changed(all_rules: Sequence[Rule], path: str, stacks: Collection[Stack] | None) -> list[Owned]:
    """Whose a changed file is: its owners together, or by section those of each that was touched; None: of all."""
    rule = winner(all_rules, path)
    if rule is None or not rule.zone.sections or stacks is None:
        return [Owned(_teams(rule, ""), path, rule)]
    found = {owners.stack_team(rule.zone, stack): stack for stack in sorted(stacks) if stack}
    parts = [Owned((team,) if team else (), f"{path}#{stack[-1]}", rule) for team, stack in found.items()]
    return parts or [Owned(rule.zone.owners, path, rule)]


def beaten(tx: Tx, plan_id: int, path: str) -> list[Rule]:
    """The rules that match a path and do not count, because a later one matches it too; the last of them first."""
    return [rule for rule in reversed(standing(tx, plan_id)) if rule.pattern.matches(path)][1:]


def _teams(rule: Rule | None, section: str) -> tuple[str, ...]:
    if rule is None:
        return ()
    if section and rule.zone.sections:
        return tuple(filter(None, (owners.section_team(rule.zone, section),)))
    return rule.zone.owners
