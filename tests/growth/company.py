"""The company of the growth tests: a plan with a bit of everything, as large as wanted, and what its people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.api.desk import PLAN, Desk
from tests.gates.company import PEOPLE
from tests.world import World

MORE = """\
standups:
  - {name: Daily, at: "09:30", who: [omega], window: 2h, remind_after: 1h, questions: [Yesterday, Today, Blockers]}
checkpoints:
  - {name: Noon, teams: [omega], at: 2025-11-13 12:00, expects: {O-1: 40%}, ask: [Will it hold?]}
cadences:
  - {name: Tasks, every: 3h, about: {kind: atom}, who: [assignees]}
meetings:
  - {name: Sync, days: mon-fri, at: "10:00", lasts: 30m, who: [all leads], agenda: [{Where we are: 10m}]}
repositories: {harbor: "https://git.example.com/harbor.git"}
zones:
  - {team: omega, paths: ["/src/**"]}
  - {team: sigma, paths: ["/web/**"]}
runbooks:
  day:
    starts: {at: 2025-11-14 17:00}
    steps:
      - {id: copy, title: Copy made, lead: omega, takes: 10h, within: 20h, items: [Tried]}
      - {id: tell, title: Everybody told, lead: sigma, takes: 5h, needs: []}
      - {id: last, title: Last look, lead: omega, takes: 5m, needs: [copy]}
rollbacks: {atomic: {within: 5m}}
risks:
  - {risk: Overload, probability: low, impact: high, owner: amp, actions: [Help],
     indicators: [{in_progress: 0}, {reopened: 1}, {missed_rounds: 1}, {stuck: {for: 1h}},
                  {ask: pb, question: Too much?, every: 1d}]}
  - {risk: Creep, probability: low, impact: high, owner: amp}
triggers:
  - {key: known, on: late tasks, above: 3, tell: [amp]}
  - {on: task blocked, tell: [amp]}
  - {on: climb exhausted, tell: [amp]}
emergencies:
  1: {name: Critical, respond_within: 5m, update_every: 15m, tell: [everyone], freezes: []}
on_call: {omega: {rotation: [pb, pa], every: 1d, from: 2025-11-12 08:00}}
preflight: {who: [omega]}
reports: {daily: {at: "17:45", to: ["#release"]}}
awards: {sigma: Best tests}
retrospective: {who: [omega]}
alerts:
  - {match: {alertname: HighErrorRate}, page: [pa], tell: ["#release"]}
  - {heartbeat: backup, every: 1h, page: [pb]}
"""
ALERT = '{"title": "HighErrorRate", "labels": {"host": "%s"}, "status": "%s"}'


POLL = "    poll: {opens: 2025-11-15 11:00, order: [omega, sigma, stakeholder], answer_within: 10m, fresh: 2h}\n"
STORY = """\
pa /blocker mongo is down again
sc /blocker sigma cannot sign in at all
pa /lock src/a.py for refactoring
HOOK alert db-1 firing
sc /gate report tested tests_passed 60
pa /gate tick validated 1
pb /task start O-1
pa /run start day
"""
"""What people have begun before they are looked at."""
DEEDS = """\
tick
link
pa /blocker redis is down as well now
olga /blocker ack 1
pa /blocker note 1 still down
pa /blocker show 1
pa /blocker list
pa /blocker mine
pa /blocker propose 2 leak
amp /blocker accept 2
olga /blocker resolve 1
pb /task list
pb /task mine
pb /task show O-1
pb /task claim O-2
pb /task progress O-1 50%
pb /task block O-1 the schema is locked
pa /gate list
pa /gate show validated
pa /gate history validated
sc /gate report tested tests_passed 61
olga /gate sign validated
olga /gate go go
pa /gate freezes
pa /lock list
pb /lock src/b.py for tests
pb /lock who src/a.py
pb /lock wait src/a.py
pa /lock release
pa /lock conflicts
amp /lock merge 1
amp /lock decide 1 omega rebases
amp /plan triggers
pa /standup
pa /standup stats
pa /standup away tomorrow
pa /checkpoint list
pa /checkpoint show Noon
pa /meeting list
pa /meeting show Sync
pa /meeting lessons
pa /plan lesson test the rollback first
pa /plan lessons
pa /plan lessons withdraw 1
pa /plan kudos @pb for the sign-in
pa /plan kudos
amp /plan award sigma Best tests for the suite
pa /plan award
pa /plan retro
pa /plan forecast
pa /plan forecast validated
pa /plan forecast score
pa /emergency 1 the database is gone
olga /emergency take 1
olga /emergency update 1 the replica takes over
pb /emergency action 1 call the vendor
pb /emergency list
pb /emergency show 1
GET /emergencies
GET /emergencies/1
tick
olga /emergency end 1 the replica took over
pb /emergency report 1
pa /risk
pa /risk show 1
amp /risk close 2 it is over
amp /risk reopen 2
pa /risk raise low high the vendor is late
amp /risk rate 2 medium low
amp /risk hand 2 @olga
amp /risk action 1
tick
pa /plan
amp /plan people
amp /plan status
amp /plan rehearse
amp /plan show O-1
amp /plan set tasks O-2 title Sign-in looked at because it is
amp /plan test
pa /run
pa /run show day
pa /run items copy all
pa /run delay copy 5m because it is slow
pa /run fail copy because it is empty
pa /run start copy
pa /run confirm copy
sc /run skip tell because it is told
olga /run back last
amp /run stop day because it is enough
pa /run review day
amp /run rollback atomic because it is broken
PASS
stan /plan contacts
stan /plan oncall
amp /plan preflight start
pa /plan preflight
amp /plan preflight reached @pa
amp /plan oncall omega @pa for 2h because pb is ill
HOOK alert db-1 firing
HOOK alert db-2 firing
HOOK alert db-1 resolved
HOOK heartbeat/backup
amp /plan alerts
HOOK alert db-2 resolved
amp /plan mine
HOME amp
HOME olga
GET
GET /tasks
GET /jobs
GET /jobs?state=failed
GET /jobs?state=waiting
GET /jobs?type=Release.Import.Run
GET /blockers
GET /blockers?state=withdrawn
GET /blockers/1
GET /gates
GET /gates/validated
GET /task-types
GET /runs
GET /runs/day
tick
PASS
amp /risk happened 2
amp /risk reopen 2
amp /risk emergency 2 1
tick
"""
"""What people type and programs ask, and what happens by itself."""


def plan(*, tasks: int = 2, gates: int = 1) -> str:
    """The plan with so many tasks that wait for a gate, and so many gates besides its own."""
    held = "".join(f"    H-{n}: {{title: Held {n}, assignee: sc, needs: [validated]}}\n" for n in range(1, tasks + 1))
    more = "".join(
        f"  more-{n}:\n    name: Gate {n}\n    due: 2025-11-14 {12 + n % 6}:00\n"
        f"    criteria: [Seen, {{tasks: [O-1..O-2], are: completed}}]\n    sign_off: [{{lead_of: sigma}}]\n"
        for n in range(1, gates + 1)
    )
    return (
        PLAN.replace("    S-1: {title", held + "    S-1: {title").replace("freezes:\n", more + "freezes:\n")
        .replace("    needs: [validated, tested]\n", f"    needs: [validated, tested]\n{POLL}")
        .replace("blockers:\n", "blockers:\n  classes: {leak: {gate: tested, accept: {count: 1, of: [coordinator]}}}\n")
        + MORE
    )  # fmt: skip


@asynccontextmanager
async def growing(database_url: str, **size: int) -> AsyncIterator[Desk]:
    """A world with that plan, and a program at its desk there."""
    async with World(database_url, plan(**size), people=PEOPLE) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            yield Desk(world, http)


async def does(desk: Desk, deed: str) -> Any:  # noqa: PLR0911 - one for each kind of deed
    """One of the deeds, and all that follows from it at this instant; its answer."""
    world, (who, _, text) = desk.world, deed.partition(" ")
    match who:
        case "tick":
            return await world.app.ticker.tick()
        case "link":
            return await world.app.linker.link(world.slack.spec.team_id)
        case "GET":
            return await desk.asks("amp", "GET", text)
        case "HOME":
            return await world.home(text)
        case "PASS":
            return await world.jump(minutes=1)
        case "HOOK":
            return await _reports(desk, *text.split(" "))
    return await world.says(who, text)


async def _reports(desk: Desk, hook: str, *alert: str) -> None:
    """What monitoring sends."""
    token = desk.tokens.get("monitoring") or desk.tokens.setdefault("monitoring", desk.world.token("amp", "alerts"))
    headers = {"Authorization": f"Bearer {token}"}
    answer = await desk.http.post(f"/hooks/{hook}", content=ALERT % alert if alert else b"", headers=headers)
    assert answer.status_code == 200, answer.text
    await desk.world.settled()
