"""Whatever an answer offers, "did you mean" or "write one of", works when it is typed back."""

from __future__ import annotations

import re

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)  # what is understood of what is typed
MANY = """\
meetings:
  - {name: Friday governance, days: fri, at: "16:00", who: [leads], agenda: [Risks & chances]}
  - {name: "Kick-off & hello", at: 2025-11-13 09:10, who: [everyone]}
checkpoints:
  - {name: Mid-point, team: omega, at: 2025-11-13 11:00, expects: {O-1: 50%}}
  - {key: late-1, name: Late & last, team: omega, at: 2025-11-14 11:00, expects: {O-1: completed}}
  - {key: late-2, name: Late & last, team: omega, at: 2025-11-14 15:00, expects: {O-1: completed}}
standups:
  - {name: "Morning & evening", at: "09:30", who: [omega], questions: [done]}
phases:
  build: {name: Build it, from: 2025-11-13 09:00, to: 2025-11-14 18:00}
gates:
  tested: {name: All tested, due: 2025-11-14 17:00, criteria: [Seen], sign_off: [{lead_of: omega}]}
  shipped: {name: All shipped, due: 2025-11-15 17:00, criteria: [Seen], sign_off: [{lead_of: omega}]}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database, assignee: pa, criteria: ["Reviewed & tested", Indexes checked]}
    O-2: {title: Sign-in, assignee: pb}
zones:
  - {team: omega, paths: ["/src/**"]}
"""
OFFERED = re.compile(
    r"did you mean `(?:/[\w-]+ )?([^`]+)`|(?:write one of|Type one of these:|It knows) `([^`]+)`", re.IGNORECASE
)
DENIED = re.compile(r"did you mean|There is no|No meeting|is called|does not know|has no `|Nothing in this plan")


@pytest.fixture
async def many(database_url):
    async with World(database_url, PLAN + MANY) as world:
        await world.until("2025-11-13 09:05")
        yield world


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("/meeting show {}", ["Friday governance", "Kick-off & hello", "Friday", "zzz"]),
        ("/meeting record {}", ["Friday governance", "Kick-off & hello", "zzz"]),
        ("/checkpoint show {}", ["Mid-point", "Late & last", "late-1", "zzz", "last"]),
        ("/checkpoint run {}", ["Mid-point", "Late & last"]),
        ("/standup show {}", ["Morning & evening", "zzz"]),
        ("/gate show {}", ["tested", "All tested", "shipped", "zzz"]),
        ("/task show {}", ["O-1", "o-2", "zzz"]),
        ("/task list {}", ["omega", "build", "in progress", "overdue", "zzz"]),
        ("/task tick O-1 {}", ["Reviewed & tested", "Indexes checked", "zzz"]),
        ("/plan show {}", ["O-1", "tested", "omega", "build", "pa", "zzz"]),
        ("/plan set {} note later", ["O-1", "O-2"]),
        ("/plan {}", ["people", "versions", "calendar"]),
        ("/checkpoint {}", ["list"]),
        ("/meeting {}", ["list", "lessons"]),
    ],
)
async def test_what_the_parser_or_a_refusal_offers_is_understood_when_it_is_typed_back(many, command, names):
    for name in names:
        for typed in (name, f"{name}x", name[1] + name[0] + name[2:]):
            first = _text(await many.says("amp", command.format(typed)))
            offers = [one or other for one, other in OFFERED.findall(first)]
            for offer in offers:
                again = f"{command.split()[0]} {offer}" if command.split(" ", 1)[1] == "{}" else command.format(offer)
                answer = _text(await many.says("amp", again.replace("&amp;", "&")))
                assert not DENIED.search(answer), (command, typed, first, offer, answer)


def _text(outcome) -> str:
    return "\n".join(filter(None, [outcome.text, *(message.shown for message in outcome.messages)]))
