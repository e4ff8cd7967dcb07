"""The table of who may do what is complete, is what the documentation says, and is what the bot does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from callboard import rights
from callboard.app import routes, scopes
from callboard.conflicts.models import Conflict
from callboard.core.errors import Refused
from callboard.escalation.models import Climb
from callboard.installations import slack as installations
from callboard.slack.answers import Refusal
from callboard.slack.parser import Line
from callboard.slack.requests import Request
from callboard.web import PUBLIC_URL
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # who may does not depend on the database

ROUTES = routes(installations.hears)
PLAYERS = {
    "member": "pa", "other": "sc", "lead": "olga", "coordinator": "amp", "stakeholder": "stan", "executive": "exec",
    "observer": "obs", "reporter": "rita", "holder": "hal", "paged": "pia", "deputy": "dep", "stranger": "stranger",
}  # fmt: skip
"""Who plays whom. The reporter is a stakeholder, the holder works in another team, the paged one is an executive."""
PEOPLE = (*dict.fromkeys(PLAYERS.values()), "pb", "sara")
COMPANY = (
    PLAN.replace("deputies: [pa]", "deputies: [dep]")
    .replace(
        "  stan:",
        "  rita: {name: Rita, slack: URITA, roles: [stakeholder]}\n"
        "  hal: {name: Hal, slack: UHAL}\n"
        "  pia: {name: Pia, slack: UPIA, roles: [executive]}\n"
        "  obs: {name: Observer, slack: UOBS, roles: [observer]}\n"
        "  dep: {name: Deputy, slack: UDEP}\n"
        "  stan:",
    )
    .replace("members: [pa, pb]", "members: [pa, pb, obs]")
    .replace("members: [sc]", "members: [sc, hal]")
    .replace("notify: [lead], respond", "notify: [lead, pia], respond")
    .replace("  categories:", "  classes: {stopper: {gate: held, accept: {count: 1, of: [hal]}}}\n  categories:")
    + """\
on_call: {omega: {rotation: [hal], every: 1w, from: 2025-11-13 08:00}}
preflight: {who: [omega]}
zones:
  - {team: omega, paths: ["/src/**"]}
  - {joint: [omega, sigma], paths: ["/api/**"]}
tasks:
  - for: {team: omega}
    T-1: {title: Free}
    T-2: {title: Held, assignee: hal, criteria: [Tried], points: {Login: omega}}
    T-4: {title: Easy, assignee: hal}
    T-3: {title: Waits, needs: [later]}
gates:
  open: {name: Open, criteria: [Seen, {measure: tests}]}
  held: {name: Held, sign_off: [{lead_of: omega, count: 1}, {role: coordinator}], criteria: [{tick: Nothing open}]}
  ready: {name: Ready, sign_off: [{lead_of: omega}]}
  late: {name: Late, due: 2025-11-13 09:01, criteria: [Seen], if_missed: {escalate: default}}
  later: {name: Later, criteria: [Seen]}
measures:
  tests: {of: 72, at_least: 68}
triggers:
  - {on: gate missed, tell: [amp]}
freezes:
  code: {name: Code freeze, from: 2025-11-13, to: 2025-11-15, branches: [main],
         exceptions: {sign_off: [{role: coordinator}]}}
checkpoints:
  - {name: First, team: omega, at: 2025-11-14 11:00, ask: [How is it?]}
runbooks:
  day:
    starts: {at: 2025-11-13 09:02}
    drill: {channel: urgent}
    steps:
      - {id: deploy, title: Deploy, lead: omega, takes: 2h, items: [Copy made]}
      - {id: late, title: Late, lead: omega, needs: [], within: 1m}
      - {id: try, title: Try, lead: omega, needs: [], takes: 2h}
  other: {starts: {on: {gate: later}}, steps: [{title: Look, lead: omega}]}
rollbacks:
  atomic: {within: 5m, order: [coordinator]}
meetings:
  - {name: Planning, at: "09:20", lead: hal, who: [hal]}
awards: {omega: Best}
phases:
  warm: {name: Warm, from: 2025-11-13 08:00, to: 2025-11-13 09:01, retrospective: {who: [hal]}}
risks:
  - {risk: Overload, probability: low, impact: low, owner: hal, actions: [Help]}
  - {risk: Creep, probability: low, impact: low, owner: hal}
emergencies:
  2: {name: High, tell: [pia]}
  3: {name: Medium, tell: [pia]}
"""
)
BEGUN = (
    ("olga", "/plan away today"),
    ("rita", "/blocker raise mongo refuses every TLS connection"),  # 1: open, of omega
    ("rita", "/blocker raise redis refuses every connection"),  # 2: hal has it
    ("hal", "/blocker ack 2"),
    ("rita", "/blocker raise the registry refuses every push"),  # 3: hal resolved it
    ("hal", "/blocker ack 3"),
    ("hal", "/blocker resolve 3 restarted"),
    ("rita", "/blocker raise the cache loses every entry"),  # 4: proposed
    ("rita", "/blocker propose 4 as stopper because it stops us"),
    ("pb", "/lock /src/held.py for a fix"),  # 1
    ("hal", "/lock /api/joint.yml for a fix"),  # 2: omega must agree
    ("rita", "/gate exception code the sign-in fix"),
    ("rita", "/emergency 3 the shop is closed"),
    ("hal", "/emergency take 1 commander"),
    ("rita", "/emergency 3 the till is stuck"),  # 2: hal ended it
    ("hal", "/emergency take 2 commander"),
    ("hal", "/emergency end 2 it took a restart"),
    ("hal", "/risk close 2 it is over"),
)
TYPED: dict[str, tuple[str, ...]] = {
    "/plan test": ("test <@UPB>",), "/plan oncall": ("oncall omega <@UPB> for 2h",),
    "/plan preflight": ("preflight start",),
    "/plan lesson": ("lesson ask early", "lessons", "kudos <@UPB> for the sign-in"),
    "/plan award": ("award omega Best",), "/plan retro": ("retro answer",),
    "/plan away": ("away 2025-11-20 <@UPB>",), "/plan lift": ("lift T-3 because x",),
    "/plan set": ("set T-1 title Freed",), "/plan shift": ("shift 1d",), "/plan rehearse": ("rehearse",),
    "/blocker": ("raise the disk of the build server is full",),
    "/blocker ack": ("ack 1",), "/blocker unack": ("unack 2",), "/blocker resolve": ("resolve 2 it works",),
    "/blocker snooze": ("snooze 2 30m",), "/blocker escalate": ("escalate 2",),
    "/blocker severity": ("severity 2 critical",),
    "/blocker reassign": ("reassign 2 <@UPB>",), "/blocker note": ("note 1 it still fails",),
    "/blocker reopen": ("reopen 3",), "/blocker withdraw": ("withdraw 1",),
    "/blocker propose": ("propose 1 as stopper because x",), "/blocker accept": ("accept 4", "reject 4 because x"),
    "/blocker unpropose": ("unpropose 4",),
    "/task claim": ("claim T-1",), "/task start": ("start T-2",), "/task progress": ("progress T-2 50%",),
    "/task complete": ("complete T-4",), "/task tick": ("tick T-2 1",), "/task spent": ("spent T-2 2h",),
    "/task block": ("block T-2 the database is down for everybody",),
    "/task note": ("note T-2 nearly", "files T-2 /src/a"),
    "/task point": ("point T-2 Login done",), "/task assign": ("assign T-2 <@UPB>",), "/task release": ("release T-2",),
    "/task drop": ("drop T-2 because x",), "/task override": ("override T-3 because x",),
    "/lock": ("/src/free.py for a fix",), "/lock agree": ("agree 2", "decline 2 because x"),
    "/lock hand": ("hand 1 <@UPA>",), "/lock break": ("break 1 because x",),
    "/lock decide": ("decide 1 omega rebases",),
    "/lock merge": ("merge 1",),
    "/lock allow": ("allow <@USC> src/b.py for a fix until 17:00",), "/lock token": ("token",),
    "/gate tick": ("tick open 1",), "/gate report": ("report tests 70/72",),
    "/gate sign": ("sign ready", "reject ready for <@UOLGA> it is late"),
    "/gate waive": ("waive ready",), "/gate ack": ("ack late",),
    "/gate exception": ("exception code another fix",), "/gate grant": ("grant 1", "deny 1 because x"),
    "/checkpoint run": ("run First",), "/meeting record": ("record Planning",),
    "/plan": ("", "people", "versions", "triggers"), "/blocker show": ("show 1", "list", "mine"),
    "/task": ("show T-1", "list"),
    "/lock show": ("show 1", "list", "who /src/a"), "/gate": ("list", "show ready", "ask open"),
    "/standup show": ("stats",), "/checkpoint": ("list",), "/meeting": ("list",),
    "/plan calendar": ("calendar",), "/plan board": ("board",), "/plan contacts": ("contacts",),
    "/run": ("", "show day"), "/run confirm": ("confirm try",), "/run start": ("start other",),
    "/run delay": ("delay try 5m", "skip try because x", "fail try because x", "back try", "items deploy 1"),
    "/run ack": ("ack late",), "/run stop": ("stop day because x",), "/run drill": ("drill day",),
    "/run rollback": ("rollback atomic because x",),
    "/emergency": ("3 the shop is slow",), "/emergency show": ("show 1", "list", "report 1"),
    "/emergency take": ("take 1 scribe", "meet 1"), "/emergency action": ("action 1 look at it", "decide 1 we wait"),
    "/emergency update": ("update 1 it goes on",), "/emergency end": ("end 1 it is open again", "level 1 2"),
    "/emergency hand": ("hand 1 scribe <@UPB>",), "/emergency withdraw": ("withdraw 1 it was open",),
    "/emergency reopen": ("reopen 2",),
    "/risk": ("", "show 1", "list all"), "/risk raise": ("raise low high the vendor is late",),
    "/risk rate": ("rate 1 high high", "hand 1 <@UPB>", "action 1 1", "happened 1", "emergency 1 2",
                   "close 1 it is over", "reopen 2"),
}  # fmt: skip
"""What is typed for a line of the table, once the stage is set as in `BEGUN`."""
PRESSED = {
    "button blocker.ack": "1:0", "button blocker.escalate": "2:1", "button conflict.talk": "1:0",
    "button conflict.fine": "1:0", "button conflict.useful": "1:0", "button conflict.merge": "1:0",
    "button conflict.decide": "1:0", "button risk.happened": "1:0", "button risk.task": "1:0:1",
    "button risk.close": "1:0", "button risk.emergency": "1:0",
}  # fmt: skip
UNPLAYED = {"/plan apply", "/gate hand", "/gate withdraw", "/lock release", "/task reopen", "/standup"}
"""What opens for everybody, and lines of one's own: who has nothing of the kind is told that."""


AS = {("/lock hand", "holder"): "pb"}
"""Who plays somebody in one line."""


class Undone(Exception):
    """The play is over: nothing of it stays."""


def named(path: str, method: str) -> str:
    return f"{method} {path.removeprefix('/api/v1/plans/{plan}') or '/'}"


async def test_the_table_of_rights_has_a_line_for_every_verb_button_form_and_route(world):
    served = world.app.api.openapi()["paths"]
    ways = [named(path, method.upper()) for path, methods in served.items() for method in methods]
    assert rights.missing([*ROUTES.names(), *ways]) == []
    there = {*ROUTES.names(), *ways, ""}
    assert [name for right in rights.TABLE for name in right.names if name not in there] == []
    names = [name for right in rights.TABLE for name in right.names]
    assert len(names) == len(set(names))
    assert rights.missing(["/blocker hush"]) == ["/blocker hush"]


def test_the_table_of_rights_is_in_the_documentation():
    text = (Path(__file__).parents[1] / "docs" / "rights.md").read_text()
    assert "\n".join(rights.as_markdown()) in text
    for who, what in rights.WHO.items():
        assert f"- *{who}*: {what}" in text


@pytest.fixture
async def company(database_url):
    async with World(database_url, COMPANY, people=PEOPLE) as world:
        yield world


@pytest.fixture
async def stage(database_url):
    async with World(database_url, COMPANY, people=PEOPLE) as world:
        world.app.db.registry.put(PUBLIC_URL, "https://callboard.example.com/")
        for person, typed in BEGUN:
            assert "Only" not in (await world.says(person, typed)).text, typed
        await world.slack.submit("rita", {})  # the exception
        await world.advance(minutes=11)  # everybody on the ladders is paged, and a gate is late
        await world.says("amp", "/blocker escalate 1")
        world.app.db.transact(collide)
        yield world


def collide(tx):
    tx.session.add(Conflict(
        plan_id=1, repository="app", one="a", other="b", kind="merge", degree="simple", teams=["omega"],
        people=["hal", "pa"], pushed_at=tx.now, found_at=tx.now,
    ))  # fmt: skip
    tx.session.flush()


def plays(world, verb: str, who: str, typed: str, button: str) -> str:
    """Why somebody may not do it, or nothing; whatever it did is undone."""
    user = f"U{AS.get((verb, who), PLAYERS[who]).upper()}"
    word, _, text = typed.partition(" ")
    request = Request(workspace=world.slack.spec.team_id, user=user, plan="release", command=word, text=text)

    def play(tx: Any) -> None:
        if button:
            kind, _, name = button.partition(" ")
            request_ = Request(workspace=request.workspace, user=user, value=PRESSED[button])
            answer = ROUTES.interactions[kind, name].run(tx, request_)
        else:
            answer = Line(ROUTES.commands[word.removeprefix("/")], request).run(tx)
        raise Refused(answer.text) if isinstance(answer, Refusal) else Undone

    try:
        world.app.db.transact(play)
    except Undone:
        return ""
    except Refused as refused:
        return refused.sentence
    raise AssertionError(typed)


NAMING = ("Only ", "only ", "You ", "Ask ")
"""How a refusal says who can."""


def lines() -> Iterator[tuple[rights.Right, str, str]]:
    for right in rights.TABLE:
        for text in TYPED.get(right.verb, ()):
            yield right, f"{right.verb.split(' ')[0]} {text}", ""
        for button in PRESSED:
            if button in right.names:
                yield right, "", button


async def test_the_table_of_rights_is_what_the_bot_does(stage):
    wrong = []
    for right, typed, button in lines():
        for who in PLAYERS if right.may != rights.ALL else ("observer", "holder", "stranger"):
            refusal = plays(stage, right.verb, who, typed, button)
            if bool(refusal) == right.allows(who):
                wrong.append(f"{typed or button}: {who} {'may' if right.allows(who) else 'may not'}: {refusal}")
            elif (
                refusal
                and who != "stranger"
                and not any(word in refusal for word in ("Only ", "only ", "You ", "Ask "))
            ):
                wrong.append(f"{typed or button}: this does not say who can: {refusal}")
    assert not wrong, "\n".join(wrong)


async def test_a_button_that_somebody_has_no_right_to_answers_them_alone_with_who_can(company):
    await company.says("rita", BEGUN[1][1])
    await company.advance(seconds=5)
    card = company.card()
    for label in ("Take it", "Escalate now", "Resolve"):
        answer = await company.clicks("obs", label, card)
        assert "Only Omega, <@UOLGA> or <@UAMP> can" in answer.text, label
        assert not company.slack.views("obs")
    assert company.row("blocker", 1).owner is None
    company.channel("omega").expect_nothing("Only Omega")


async def test_a_token_of_somebody_who_only_follows_the_plan_has_no_more_rights_than_they(company):
    await company.says("rita", BEGUN[1][1])
    asgi = httpx.ASGITransport(company.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url="http://callboard/api/v1/plans/release") as http:
        for who in ("obs", "stan"):
            headers = {"Authorization": f"Bearer {company.token(who, *scopes())}"}
            for route, sent in (
                ("blockers/1/acknowledge", {}), ("blockers/1/resolve", {}), ("tasks/T-1/claim", {}),
                ("blockers/1/severity", {"severity": "critical"}),
                ("tasks/T-1/start", {}), ("tasks/T-2/progress", {"percent": 50}), ("tasks/T-4/complete", {}),
                ("tasks/T-2/ticks", {"criterion": "1"}), ("gates/open/ticks", {"criterion": "1"}),
                ("gates/open/reports", {"measure": "tests", "amount": "70/72"}), ("jobs", {"type": "x", "params": {}}),
                ("jobs/claims", {"worker": "w"}),
            ):  # fmt: skip
                answer = await http.post(f"/{route}", headers=headers, json=sent)
                assert (answer.status_code, "Only " in answer.text or "you can't" in answer.text) == (409, True), (
                    route, answer.text,
                )  # fmt: skip


async def test_whoever_only_follows_the_plan_has_no_right_to_silence_a_blocker_in_any_way(company):
    await company.says("rita", BEGUN[1][1])
    await company.says("pa", "/blocker ack 1")
    for who in ("obs", "stan"):
        for typed in ("resolve 1 done", "unack 1", "snooze 1 2h", "note 1 quiet", f"reassign 1 <@U{who.upper()}>"):
            assert "Only Omega, <@UOLGA> or <@UAMP> can" in (await company.says(who, f"/blocker {typed}")).text, typed
        refused = (await company.says("pa", f"/blocker reassign 1 <@U{who.upper()}>")).text
        assert f"<@U{who.upper()}> only follows Release, so they can't take a blocker" in refused
    await company.advance(minutes=7)
    for who, stirred in (("obs", False), ("stranger", False), ("pb", True)):
        before = idle_from(company)
        company.slack.say(who, "omega", "still here", thread_ts=company.card().ts)
        await company.heard("message")
        assert (idle_from(company) != before) == stirred, who


def idle_from(world):
    return world.app.db.transact(
        lambda tx: tx.session.exec(select(Climb).filter_by(subject_kind="blocker")).one().idle_from
    )


def test_every_line_of_the_table_of_rights_with_a_slash_verb_is_played():
    assert {right.verb for right in rights.TABLE if right.verb} - set(TYPED) == UNPLAYED
