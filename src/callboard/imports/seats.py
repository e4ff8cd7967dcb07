"""Who is meant by a word of a file: somebody of the plan, else a vacant seat or a team that is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from callboard.imports import frame
from callboard.imports.frame import Body
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document
from callboard.planfile.types import ON_CALL
from callboard.planfile.yaml_writer import line
from callboard.runbooks.plan.documents.owners import Crew, bare

_SCHEDULE = re.compile(
    r"\b(?:schedules?|rotations?|rota|on[- _]?call|primary|secondary|escalation|shift|24x7|24/7|teams?)\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_ID = re.compile(r"[A-Z0-9]{6,20}|[0-9a-f]{8}-[0-9a-f-]{27}")
NAME = 60


class Seats:
    """The people and teams of a plan, and those that a file needs besides."""

    def __init__(self, document: Document | None) -> None:
        self.document, self.crew = document, Crew(document)
        self.people: Body = {}
        self.teams: Body = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._taken = frame.taken(document) | {"coordinator"}

    def known(self, words: Iterable[str]) -> str:
        """The key of the person, team or role of the plan that is called so; empty where none is."""
        for word in words if self.document else ():
            if (found := self.crew.leader(word)) is not None:
                return found if isinstance(found, str) else str(found.get("role", ""))
        return ""

    def take(self, keys: Iterable[str]) -> None:
        """Keys that no seat and no team may have."""
        self._taken.update(keys)

    def named(self, word: str) -> str:
        """The team that was made by that name; empty where none was."""
        return self._keys.get(("team", line(bare(word), NAME).lower()), "")

    def person(self, words: list[str]) -> str:
        """Somebody by all that they may be known by, else a vacant seat."""
        return self.known(words) or self.seat(words)

    def seat(self, words: list[str]) -> str:
        """A vacant seat for whoever is called so, the same one each time."""
        name = line(called(words), NAME) or "Somebody"
        look = ("seat", " ".join(re.split(r"[\s._]+", name.lower())))
        if look not in self._keys:
            self._keys[look] = key = self._fresh(name.partition("@")[0])
            mail = next((word for word in words if _MAIL.fullmatch(word)), "")
            self.people[key] = {"name": name, **({"email": mail} if mail else {}), "vacant": True}
        return self._keys[look]

    def team(self, words: list[str]) -> str:
        """A team; without a plan a new one, in a plan that has none so called a vacant seat."""
        if self.document is None:
            return self._make(called(words))
        return self.known(words) or self.seat(words)

    def schedule(self, words: list[str]) -> tuple[list[Any], str]:
        """Whom a schedule means, and its team: who is on call where the plan has turns, else leads, else a seat."""
        names = [_team_of(word) for word in words if not _ID.fullmatch(word)]
        if self.document is None:
            team = self._make(next(filter(None, names), "") or "On call")
            return [self.teams[team]["lead"]], team
        team = next((team for name in (*names, *words) if name and (team := self.crew.team(name))), "")
        if not team:
            return [self.seat(words)], ""
        if team in self.document.keys(ON_CALL):
            return [{ON_CALL: team}], team
        leads = self.document.body["teams"][team]["lead"]
        return list(leads) if isinstance(leads, list) else [leads], team

    def _make(self, word: str) -> str:
        name = line(bare(word), NAME) or "Team"
        if ("team", name.lower()) not in self._keys:
            self._keys["team", name.lower()] = key = self._fresh(name)
            lead = self._fresh(f"{key}-lead")
            self.people[lead] = {"name": f"Lead of {name}"[:NAME], "vacant": True}
            self.teams[key] = {"name": name, "lead": lead}
        return self._keys["team", name.lower()]

    def _fresh(self, name: str) -> str:
        wanted = slug(name)
        key = frame.fresh(f"the-{wanted}" if wanted in _WORDS else wanted, self._taken)
        self._taken.add(key)
        return key


_WORDS = ("lead", "leads", "member", "members", "all-leads", "everyone", "assignees", "reporter", "on-call", "on_call",
          "coordinator", "stakeholder", "executive", "observer", "bot", "callboard", "api", "each")  # fmt: skip


def _team_of(schedule: str) -> str:
    """The team in the name of a schedule, `Payments On-Call`; the name itself where it has nothing else."""
    rest = bare(" ".join(_SCHEDULE.sub(" ", schedule.replace("_", " ")).split()))
    return rest if any(map(str.isalnum, rest)) else bare(schedule)


def called(words: Iterable[str]) -> str:
    """The best name among words: no address and no id before those."""
    every = [word for word in words if word.strip()]
    plain = [word for word in every if not _MAIL.fullmatch(word) and not _ID.fullmatch(word)]
    return next(iter([*plain, *(word for word in every if _MAIL.fullmatch(word)), *every]), "")
