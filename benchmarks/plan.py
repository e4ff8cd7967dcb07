"""The plan that Callboard runs while it is measured: ten teams with a lead, members and a channel each."""

from __future__ import annotations

from typing import Any

TEAMS = 10
STEP_AFTER = "30m"


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
