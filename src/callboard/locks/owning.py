"""Whether somebody may lock what they ask for: it is their team's, or nobody's, or joint and the others consent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.locks.targets import Target
from callboard.teams.service import Asker, Directory
from callboard.zones import service as zones
from callboard.zones.service import Owned

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Verdict:
    """For which team somebody locks, which teams are concerned, and whose consent it takes first."""

    team: str | None
    concerned: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


def judge(tx: Tx, asker: Asker, targets: Iterable[Target]) -> Verdict:
    """Look whose all of it is. Raises Refused where it is somebody else's."""
    own = [team.key for team in asker.directory.teams_of(asker.person)]
    _refuse_watchers(asker, own)
    found = [(target, owned) for target in targets for owned in owned_by(tx, asker.directory.plan_id, target)]
    runs = asker.directory.has_role(asker.person, "coordinator")
    for target, owned in found:
        if owned.teams and not runs and not set(own).intersection(owned.teams):
            raise Refused(_foreign(asker, target, owned))
    concerned = tuple(dict.fromkeys(team for _, owned in found for team in owned.teams))
    team = next((team for team in own if team in concerned), next(iter(own), None))
    joint = [owned.teams for _, owned in found if len(owned.teams) > 1]
    consents = () if runs else tuple(dict.fromkeys(each for teams in joint for each in teams if each not in own))
    return Verdict(team, concerned, consents)


def owned_by(tx: Tx, plan_id: int, target: Target) -> list[Owned]:
    """Whose a target is, part by part; a thing is nobody's."""
    if target.kind == "thing":
        return []
    if target.kind == "file":
        return [zones.of(tx, plan_id, target.text)]
    return zones.within(tx, plan_id, target.pattern, target.section)


def whose(directory: Directory, owned: Owned) -> str:
    """Whose it is, with who leads: `Backend's (led by @lead)`."""
    if not owned.teams:
        return "nobody's: anybody may lock it"
    names = [b.escape(directory.teams[team].name if team in directory.teams else team) for team in owned.teams]
    leads = [directory.called(lead) for team in owned.teams for lead in directory.leads_of(team)]
    led = f" (led by {joined(leads)})" if leads else ""
    if owned.rule and owned.rule.zone.joint:
        return f"{joined(names)}'s jointly{led}"
    by_section = " by section" if owned.rule and owned.rule.zone.sections and len(names) > 1 else ""
    return f"{joined(names)}'s{by_section}{led}"


def _foreign(asker: Asker, target: Target, owned: Owned) -> str:
    example = owned.path.removeprefix("/")
    inside = (
        "" if target.text.removeprefix("/") == example or target.section else f", `{b.escape(example)}` for example,"
    )
    part = "part of it" if inside else "that"
    hint = ""
    if inside and target.kind == "path" and example.startswith(f"{target.text.removeprefix('/')}/"):
        hint = f" If you mean the file alone: `./{b.escape(target.text.removeprefix('/'))}`."
    said = f"`{b.escape(str(target))}` is not locked: {part}{inside} is {whose(asker.directory, owned)}"
    ask = "Ask them to lock it, or to hand you theirs."
    return f"{said}, by the zone `{b.escape(owned.pattern)}`. {ask}{hint}"


def _refuse_watchers(asker: Asker, own: Sequence[str]) -> None:
    roles = asker.person.roles
    if not own and "coordinator" not in roles:
        who = " and ".join(map(asker.directory.role_name, roles)) or "somebody without a team"
        raise Refused(f"You are in this plan as {b.escape(who)}: locks are for those who are in a team of it.")
