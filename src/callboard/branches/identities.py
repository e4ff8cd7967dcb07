"""Who somebody is whom git or a forge names, and to which team a branch belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.plan.sections import PersonPart, TeamPart

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.teams.service import Directory


@dataclass(frozen=True)
class Identities:
    """The people and teams of a plan as git knows them."""

    directory: Directory
    people: Mapping[str, PersonPart]
    teams: Mapping[str, TeamPart]

    def person(self, *names: str) -> str:
        """Whom the first of these names stands for that stands for anybody: an id, an address, a GitHub login."""
        for name in filter(None, (one.strip().lower() for one in names)):
            for key, part in self.people.items():
                known = (key, self.directory.people[key].email if key in self.directory.people else "", part.github)
                if name in (*(one.lower() for one in known), *(one.lower() for one in part.git)):
                    return key
        return ""

    def team(self, branch: str, person: str = "") -> str:
        """The team whose pattern a branch fits, else the only one or the first of whoever works on it; or none."""
        for key, part in self.teams.items():
            if any(fnmatchcase(branch, pattern) for pattern in part.branches):
                return key
        found = self.directory.people.get(person)
        return next((team.key for team in self.directory.teams_of(found)), "") if found else ""


def of(tx: Tx, plan_id: int) -> Identities:
    """The people and teams of a plan as it stands."""
    values = plans.live(tx, plan_id).values
    return Identities(teams.directory(tx, plan_id), values.get("people") or {}, values.get("teams") or {})
