"""Whom the words of a document mean: the teams, people and roles of a plan, or teams of their own without one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from callboard.core.errors import near
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document
from callboard.planfile.yaml_reader import OWN
from callboard.runbooks.plan.documents.phrases import Names, bare
from callboard.teams.directory import COORDINATOR, GIVEN_ROLES
from callboard.teams.plan.directory import drafted
from callboard.teams.plan.on_call import ON_CALL
from callboard.teams.recipients import RELATIVE

EVERYONE = "everyone"
_ON_CALL = re.compile(r"(?:(?P<team>.{1,40}?)\s+)?on[- ]?call(?:\s+(?:for\s+)?(?P<other>.{1,40}))?", re.IGNORECASE)
Leader = str | dict[str, str]


class Crew:
    """Who may lead a step. Without a plan every new word makes a team."""

    def __init__(self, document: Document | None = None) -> None:
        self.document = document
        self.teams: dict[str, str] = {}
        self.others: dict[str, Leader] = {}
        self.made: dict[str, str] = {}
        if document:
            self._of_plan(document)

    def _of_plan(self, document: Document) -> None:
        directory = drafted(document)
        if directory is None:
            return
        for key, team in directory.teams.items():
            for word in (team.name, key, team.channel):
                self.teams.setdefault(bare(word or key).lower().removeprefix("#"), key)
        first = [person.name.split()[0].lower() for person in directory.people.values() if person.name.split()]
        for key, person in directory.people.items():
            github = (
                (document.body["people"][key] or {}).get("github")
                if isinstance(document.body["people"][key], dict)
                else ""
            )
            for word in (
                key,
                person.name,
                person.email,
                person.email.partition("@")[0],
                github or "",
                person.slack_id or "",
            ):
                if word:
                    self.others.setdefault(bare(str(word)).lower(), key)
            given = person.name.split()[0].lower() if person.name.split() else ""
            if first.count(given) == 1:
                self.others.setdefault(given, key)
        for key, name in directory.roles.items():
            for word in (name, key):
                self.others.setdefault(word.lower(), {"role": key})

    def names(self) -> Names:
        """The words that mean somebody, for whoever reads the document."""
        names = Names()
        names.add(*self.teams, *(word for word in self.others if "@" not in word))
        return names

    def known(self) -> list[str]:
        """The keys of all teams."""
        return list(dict.fromkeys(self.teams.values())) if self.document else list(self.made)

    def team(self, word: str) -> str:
        """The key of the team that a word means; empty where it means none."""
        found = self.leader(word)
        return (
            found
            if isinstance(found, str) and found in (set(self.teams.values()) if self.document else self.made)
            else ""
        )

    def leader(self, word: str) -> Leader | None:  # noqa: PLR0911
        """Who leads a step by a word; None where nobody is called so."""
        plain = bare(word).lower().lstrip("#")
        if not plain:
            return None
        if self.document is None:
            if plain in GIVEN_ROLES and plain not in ("member", "lead"):
                return {"role": plain} if plain == COORDINATOR else self._make(plain)
            return self._make(bare(word))
        for each in (plain, plain.replace(" ", "-"), plain.replace("-", " "), slug(plain)):
            if each in self.teams:
                return self.teams[each]
            if each in self.others:
                return self.others[each]
        found = _ON_CALL.fullmatch(plain)
        if found:
            rotas = self.document.keys(ON_CALL.name)
            named = self.teams.get(bare(found["team"] or found["other"] or "").lower(), "")
            team = named if named in rotas else rotas[0] if len(rotas) == 1 and not named else ""
            return {"on_call": team} if team else None
        return None

    def _make(self, word: str) -> str:
        key = slug(word)[:50].strip("-") or "team"
        key = f"team-{key}" if key.startswith(OWN) else key
        if key in (*RELATIVE, *GIVEN_ROLES, "leads", "all-leads"):
            key = f"{key}-team"
        self.made.setdefault(key, word)
        return key

    def everyone(self) -> list[Leader]:
        return list(self.known())

    def hint(self, word: str) -> str:
        """What somebody may have meant by a word that means nobody."""
        words = [*self.teams, *self.others]
        close = near(bare(word).lower(), words)
        if not close:
            return f"nobody in the plan is called `{word}`"
        meant = self.teams.get(close[0]) or self.others[close[0]]
        key = meant if isinstance(meant, str) else next(iter(meant.values()))
        return f"nobody in the plan is called `{word}`; did you mean `{key}`?"

    def default(self, owners: Iterable[str]) -> Leader:
        """Who leads what names nobody: the owner of the document, else who coordinates, else the first team."""
        for word in owners:
            found = None if word == EVERYONE else self.leader(word)
            if found:
                return found
        directory = drafted(self.document) if self.document else None
        if directory is None or directory.coordinators or not directory.teams:
            return {"role": COORDINATOR}
        return next(iter(directory.teams))


def shown(leader: Any) -> str:
    """A leader in a sentence."""
    return str(next(iter(leader.values()))) if isinstance(leader, dict) else str(leader)
