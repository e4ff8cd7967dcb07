"""A first plan file: what six answers make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from callboard.planfile.paths import slug, unused
from callboard.planfile.yaml_writer import block

SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,}")
ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+")
COORDINATOR, LONGEST_KEY = "coordinator", 20
PARTS = (("callboard", "key", "name", "timezone", "from", "to", "channels"), ("people", "teams"))
"""What stands together; everything else is a part of its own."""
HEAD = "# `callboard check` says what is wrong with this file, `callboard apply` starts it."
Body = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """What is asked. People are written as `Anna anna@example.com` or `Anna U0ANNA`; nobody is a vacant seat."""

    name: str
    timezone: str
    first: date
    last: date
    teams: Sequence[str]
    leads: Sequence[str]
    coordinator: str


def written(answers: Answers) -> str:
    """The plan file, with a line at its top that says what to do with it."""
    body = _plan(answers)
    early, late = ({word: body.pop(word) for word in part} for part in PARTS)
    parts = [block(part) for part in (early, late, *({word: value} for word, value in body.items()))]
    return "\n\n".join([HEAD, *parts]) + "\n"


def _plan(answers: Answers) -> Body:
    people: Body = {}
    seats: dict[str, str] = {}

    def seat(text: str, vacant: str, taken: Body) -> str:
        """The key of whoever is written so; the same words are the same person."""
        person = _person(text, vacant)
        key = seats.get(text.casefold()) or unused(slug(person["name"]), {*people, *taken})
        people.setdefault(key, person)
        if text:
            seats[text.casefold()] = key
        return key

    teams: Body = {}
    coordinator = seat(answers.coordinator, "Coordinator", {})
    people[coordinator]["roles"] = [COORDINATOR]
    for name, lead in zip_longest(answers.teams, answers.leads, fillvalue=""):
        key = unused(slug(name), {*teams, *people})
        teams[key] = {"name": name, "lead": seat(lead, f"{name} lead", {**teams, key: {}}), "channel": f"#{key}"}
    signs: list[Body] = [{"lead_of": team} for team in teams]
    if coordinator not in {team["lead"] for team in teams.values()}:
        signs.append({"of": [COORDINATOR]})
    key = unused(_short(slug(answers.name)), {*teams, *people})
    return {
        "callboard": 1, "key": key, "name": answers.name, "timezone": answers.timezone,
        "from": f"{answers.first} 09:00", "to": f"{answers.last} 18:00",
        "channels": {"coordination": f"#{key}"}, "people": people, "teams": teams,
        "escalation": {"default": {"steps": [
            {"level": "Team lead", "notify": ["lead"], "respond_within": "15m"},
            {"level": "Coordinator", "notify": [COORDINATOR], "respond_within": "30m", "repeat_every": "30m"},
        ]}},
        "standups": [{"name": "Daily", "days": "mon-fri", "at": "09:30", "who": ["everyone"], "window": "2h",
                      "questions": ["Yesterday", "Today", "Blockers"]}],
        "gates": {"go": {
            "name": "Go or no-go", "decision": True, "due": f"{answers.last} 14:00",
            "criteria": [{"blockers": "none"}, {"tick": "Everything tested", "by": ["all leads"]}], "sign_off": signs,
        }},
    }  # fmt: skip


def _short(key: str) -> str:
    """A key that is quick to type: as many of its words as fit."""
    whole = key[: LONGEST_KEY + 1].rpartition("-")[0] if len(key) > LONGEST_KEY else key
    return (whole or key[:LONGEST_KEY]).strip("-")


def _person(text: str, seat: str) -> Body:
    """Read `Anna <anna@example.com>`, in any order; the seat is vacant where nobody can be reached."""
    words = [word.strip("<>") if "@" in word else word for word in text.split()]
    slack = next(filter(SLACK_ID.fullmatch, words), "")
    email = next(filter(ADDRESS.fullmatch, words), "")
    name = " ".join(word for word in words if word not in (slack, email)) or email.partition("@")[0] or slack or seat
    return {"name": name, **({"slack": slack} if slack else {"email": email} if email else {"vacant": True})}
