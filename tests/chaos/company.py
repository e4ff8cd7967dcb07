"""Who takes part in the chaos: a plan of many teams, with short ladders, tasks, gates, zones and a standup."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_standin import ChannelSpec, UserSpec, WorkspaceSpec
from tests.world import manifest_of

TEAMS, MEMBERS, LOOKOUTS = 12, 3, 12
TASKS, GATES, FOLDERS, FILES = 5, 4, 2, 3
"""Of each team."""
STEP = 4
"""Seconds between the steps of a ladder."""
STEPS = 3
SPAN = 45
"""Seconds that a lock lasts."""
CRITERIA = ("The build is green", "The notes are written")
PLAN_KEY = "release"


def team(number: int) -> str:
    return f"t{number:02}"


def lead(number: int) -> str:
    return f"lead{number:02}"


def member(number: int, place: int) -> str:
    return f"m{number:02}x{place}"


def lookout(number: int) -> str:
    """Whom the second and third steps of a ladder page."""
    return f"look{number:02}"


def crew(number: int) -> tuple[str, ...]:
    """Everybody in a team."""
    return (lead(number), *(member(number, place) for place in range(MEMBERS)))


PEOPLE = (*(person for number in range(TEAMS) for person in crew(number)), *map(lookout, range(LOOKOUTS)), "amp")
SEVERITIES = tuple(f"s{number:02}" for number in range(LOOKOUTS))


def ladder(severity: str) -> tuple[str, ...]:
    """Whom the steps after the first page, in order."""
    number = SEVERITIES.index(severity)
    return lookout(number), lookout((number + 1) % LOOKOUTS)


def tasks(number: int) -> tuple[str, ...]:
    return tuple(f"T{number:02}-{place}" for place in range(1, TASKS + 1))


def gates(number: int) -> tuple[str, ...]:
    return tuple(f"g{number:02}x{place}" for place in range(GATES))


def paths(number: int) -> tuple[str, ...]:
    """What a team's people lock: files, and patterns over them that clash with them."""
    folders = [f"src/{team(number)}/{folder}" for folder in range(FOLDERS)]
    files = [f"{folder}/f{file}.py" for folder in folders for file in range(FILES)]
    return (*files, *(f"{folder}/**" for folder in folders))


def clash(one: str, other: str) -> bool:
    """Whether two of `paths` are about the same file; written here anew, so that it is no echo of the bot's."""
    if one == other:
        return True
    return any(
        wide.endswith("/**") and narrow.startswith(wide.removesuffix("**"))
        for wide, narrow in ((one, other), (other, one))
    )


def ident(name: str) -> str:
    return f"U{name.upper()}"


def workspace() -> WorkspaceSpec:
    """A channel for each team, and one for all."""
    spec = WorkspaceSpec(
        users=[UserSpec(name=name) for name in PEOPLE],
        channels=[ChannelSpec(name="release"), *(ChannelSpec(name=team(number)) for number in range(TEAMS))],
    )
    return spec.with_manifest(manifest_of())


def plan(now: datetime | None = None) -> str:
    """The plan file, as JSON, which YAML takes."""
    return json.dumps(_plan(now or datetime.now(UTC)))


def _plan(now: datetime) -> dict[str, Any]:
    teams = range(TEAMS)
    people: dict[str, Any] = {name: {"name": name.title(), "slack": ident(name)} for name in PEOPLE}
    people["amp"]["roles"] = ["coordinator"]
    opens = now - timedelta(minutes=1)
    return {
        "callboard": 1, "key": PLAN_KEY, "name": "Release", "timezone": "UTC",
        "from": f"{now - timedelta(days=1):%Y-%m-%d %H:%M}", "to": f"{now + timedelta(days=300):%Y-%m-%d %H:%M}",
        "channels": {"coordination": "#release"}, "people": people,
        "teams": {
            team(number): {
                "name": f"Team {number}", "lead": lead(number), "members": list(crew(number)[1:]),
                "channel": f"#{team(number)}",
            } for number in teams
        },
        "repositories": {"shop": {"clone": "https://git.example.com/shop.git"}},
        "zones": [{"team": team(number), "paths": [f"/src/{team(number)}/**"]} for number in teams],
        "escalation": {severity: {"steps": _steps(severity)} for severity in SEVERITIES},
        "blockers": {"severities": dict.fromkeys(SEVERITIES) | {severity: severity for severity in SEVERITIES}},
        "tasks": [
            {"for": {"team": team(number)}, **{key: {"title": f"Work {key}"} for key in tasks(number)}}
            for number in teams
        ],
        "gates": {
            key: {
                "name": f"Ready {key}",
                "criteria": [{"tick": criterion, "by": [team(number)]} for criterion in CRITERIA],
                "sign_off": [{"lead_of": team(number)}, {"count": 1, "of": list(crew(number)[1:])}],
            } for number in teams for key in gates(number)
        },
        "standups": [{
            "name": "Daily", "at": f"{opens:%H:%M}", "who": ["everyone"], "window": "10h",
            "questions": ["Yesterday", "Today"],
        }],
    }  # fmt: skip


def _steps(severity: str) -> list[dict[str, Any]]:
    people = ladder(severity)
    return [
        {"level": "Lead", "notify": ["lead"]},
        *(
            {"level": f"Lookout {place}", "notify": [person], "after": f"{STEP * place}s"}
            for place, person in enumerate(people, 1)
        ),
    ]
