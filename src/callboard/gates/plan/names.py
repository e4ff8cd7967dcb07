"""Checks of what a part of a plan file names: ids, severities, mail addresses. Sections above need them too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callboard.blockers import plan as blockers
from callboard.core.errors import did_you_mean
from callboard.planfile.header import channel_names
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.directory import GIVEN_ROLES
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import PEOPLE, check_ids

KINDS = {
    "escalate": ("escalation", "escalation policy"), "policy": ("escalation", "escalation policy"),
    "emergency": ("emergencies", "emergency"), "rollback": ("rollbacks", "rollback"),
    "measure": ("measures", "measure"), "gate": ("gates", "gate"), "phase": ("phases", "phase"),
    "lead_of": ("teams", "team"), "team": ("teams", "team"), "person": ("people", "person"),
    "role": ("roles", "role"), "repository": ("repositories", "repository"),
}  # fmt: skip
USUAL_SEVERITIES = ("normal",)


def check_named(document: Document, at: Path, part: object, *words: str) -> Iterator[Problem]:
    """Refuse what a part names and the plan does not have: a policy, an emergency, a measure..."""
    for word in words:
        (section, kind), written = KINDS[word], getattr(part, word)
        known = [*(GIVEN_ROLES if word == "role" else ()), *document.keys(section)]
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {nearest(document, written, known)}")


def check_names(document: Document, path: Path, kind: str, named: Iterable[str]) -> Iterator[Problem]:
    """Refuse teams, phases and the like that the plan does not have. `path` is that of the list."""
    yield from check_ids(document, path, named, kind, document.keys(KINDS[kind][0]))


def check_severity(document: Document, at: Path, severity: str, word: str = "severity") -> Iterator[Problem]:
    """Refuse a severity of blockers that the plan does not have."""
    written = document.of(blockers.section)
    known = list(written.severities) if written else USUAL_SEVERITIES
    if severity and severity not in known:
        yield document.error((*at, word), f"there is no severity `{severity}`; {did_you_mean(severity, known)}")


def check_mail(document: Document, path: Path, addresses: Iterable[str]) -> Iterator[Problem]:
    """Refuse what is neither a mail address nor somebody of the plan. `path` is that of the list."""
    channels = {*document.keys("channels"), *channel_names(document.body)} - {*document.keys(PEOPLE.name)}
    written = tuple(f"#{address}" if address in channels else address for address in addresses)
    people = ["everyone" if "@" in address or address.startswith("#") else address for address in written]
    yield from teams.check_who(document, path, people)
    for number, address in enumerate(written):
        here = (*path, number)
        name, sign, host = address.partition("@")
        if sign and (not name or "." not in host or "@" in host or " " in address):
            yield document.error(here, f"`{address}` is not a mail address: write it like someone@example.com")
        elif address.startswith("#"):
            yield document.error(here, f"`{address}` is a channel, and has no mail: write it in `to`")
