"""Who somebody is whom git or a forge names, and to which team a branch belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from callboard.core.db import Tx
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.plan.people import PersonPart, TeamPart
from callboard.teams.service import Directory


@dataclass(frozen=True)
class Identities:
    """The people and teams of a plan as git knows them."""

    directory: Directory
    people: Mapping[str, PersonPart]
    teams: Mapping[str, TeamPart]

    def person(self, *names: str) -> str:
        """The key of whoever has one of these names, the first name first: an id, an address, a GitHub login."""
        for name in filter(None, (each.strip().lower() for each in names)):
            for key, part in self.people.items():
                mail = self.directory.people[key].email if key in self.directory.people else ""
                if name in map(str.lower, (key, mail, part.github, *part.git)):
                    return key
        return ""

    def team(self, branch: str, person: str = "") -> str:
        """The team whose pattern a branch fits, else the first team of whoever works on it; or none."""
        for key, part in self.teams.items():
            if any(fnmatchcase(branch, pattern) for pattern in part.branches):
                return key
        author = self.directory.people.get(person)
        return next((team.key for team in self.directory.teams_of(author)), "") if author else ""


def of(tx: Tx, plan_id: int) -> Identities:
    values = plans.live(tx, plan_id).values
    return Identities(teams.directory(tx, plan_id), values.get("people") or {}, values.get("teams") or {})
