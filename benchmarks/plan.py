"""The plans that Callboard runs while it is measured.

A small one of ten teams with a lead, members and a channel each; and `deployment.yml`, with gates that count blockers.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any

from benchmarks.servers import Wrong
from callboard.app import sections
from callboard.core.db import Database
from callboard.plans import service as plans

TEAMS = 10
REPORTERS = (("U0OMEGAA", "#team-omega"), ("U0SIGMAA", "#team-sigma"), ("U0PI000A", "#team-pi"))
"""Who of the example raises blockers, and in which channel."""
FIRST_DAY = date(2025, 11, 13)
STEP_AFTER = "30m"


def begin(db: Database, written: dict[str, Any], workspace: str) -> None:
    """Apply a plan. Raises Wrong where it has errors."""
    checked = plans.check(json.dumps(written), "plan.yml", sections())
    if checked.errors:
        raise Wrong(str(checked.errors))
    db.transact(plans.apply, checked, author="bench", workspace=workspace)


def plan(members: int = 1) -> dict[str, Any]:
    """The plan file's content; ids are those of a workspace that exists nowhere."""
    people = {"chief": {"name": "Chief", "slack": "U0CHIEF", "roles": ["coordinator"]}}
    people |= {"boss": {"name": "Boss", "slack": "U0BOSS", "roles": ["executive"]}}
    teams = {}
    for number in range(TEAMS):
        lead, own = f"lead-{number:03}", range(number, members * TEAMS, TEAMS)
        people[lead] = {"name": f"Lead {number}", "slack": f"U0LEAD{number:03}"}
        people |= {f"member-{one:03}": {"name": f"Member {one}", "slack": f"U0MEMBER{one:03}"} for one in own}
        teams[f"team-{number:03}"] = {
            "name": f"Team {number}", "lead": lead, "members": [f"member-{one:03}" for one in own],
            "channel": f"C0TEAM{number:03}",
        }  # fmt: skip
    steps = [
        {"level": "Lead", "notify": ["lead"], "respond_within": STEP_AFTER},
        {"level": "Coordinator", "notify": ["coordinator"], "respond_within": STEP_AFTER},
        {"level": "Executive", "notify": ["executive"], "respond_within": "1h", "repeat_every": "1h"},
    ]
    return {
        "callboard": 1, "key": "bench", "name": "Bench", "timezone": "UTC", "from": "2026-01-01 08:00",
        "to": "2036-01-01 18:00", "channels": {"coordination": "C0COORD"}, "people": people, "teams": teams,
        "escalation": {"default": {"steps": steps, "idle_after": "1h", "resolve_within": "4h"}},
        "task_types": {
            "Bench.Import.Run": {
                "version": "1.0.0", "lease": "2s",
                "params": {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]},
            },
        },
    }  # fmt: skip


def deployment() -> str:
    """The example as it is on the eve of its first day, with the ids that the load is sent by."""
    text = resources.files("callboard.examples").joinpath("deployment.yml").read_text()
    later = datetime.now(UTC).date() + timedelta(days=1) - FIRST_DAY
    text = re.sub(r"2025-11-\d\d", lambda found: str(date.fromisoformat(found[0]) + later), text)
    for number, (user, channel) in enumerate(REPORTERS):
        text = text.replace(user, f"U0MEMBER{number:03}").replace(f'"{channel}"', f"C0TEAM{number:03}")
    return text
