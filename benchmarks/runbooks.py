"""A run-book of sixty steps under load: delays, doubled clicks and kills; and an emergency of a hundred people."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from benchmarks.databases import Store
from benchmarks.harness import SECRET, Stage
from benchmarks.load import Connection, command, signed
from benchmarks.plan import TEAMS, plan
from benchmarks.report import Table, ms, quantile, s
from benchmarks.servers import Server, Wrong, free_port, serving
from callboard.app import database
from callboard.core.timeline import Entry
from callboard.gates.models import Gate
from callboard.runbooks.models import RunStep
from callboard.settings import Settings

LANES, DEEP, GATED = 5, 12, 6
"""Each of five teams has twelve steps of its own; the sixth of each waits for a gate too."""
DELAYS, KILLS = 20, 3
STORED_WITHIN, SHOWN_WITHIN, TOLD_WITHIN = 1.0, 5.0, 5.0
COMMANDS, COMMANDS_EVERY = 400, 0.05
PATIENCE = 120.0
CROWD, GONE = 100, 2
HEADS = ("in database", "worst", "on card", "worst", "clicks", "kills", "steps", "twice", "too soon")


def run(stage: Stage) -> None:
    """Print the tables."""
    table = Table(f"{LANES * DEEP} steps of {LANES} teams while 20 commands a second come in", *HEADS)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store, written=json.dumps(_plan())) as server:
            desk = Desk(server.port)
            desk.says("U0CHIEF", "/gate", "tick first 1")
            desk.says("U0CHIEF", "/run", "start day")
            with stage.firing(server, stage.some(COMMANDS), at_once=8, every=COMMANDS_EVERY):
                delays = [_delay(store, desk, number) for number in range(stage.some(DELAYS))]
            clicks = _clicks(stage, store, server)
            steps, twice, soon = _verified(store)
            stored, shown = zip(*delays, strict=True)
            table.row(
                label, ms(quantile(stored, 0.5)), ms(max(stored)), ms(quantile(shown, 0.5)), ms(max(shown)),
                str(clicks), str(KILLS), str(steps), str(twice), str(soon),
            )  # fmt: skip
            if max(stored) > STORED_WITHIN or max(shown) > SHOWN_WITHIN:
                raise Wrong(f"a delay took {s(max(stored))} to the database and {s(max(shown))} to the card")
            if twice or soon:
                raise Wrong(f"{twice} steps began twice, {soon} before what they wait for")
    _emergency(stage)


def _plan() -> dict[str, Any]:
    """Five teams with twelve steps each, one after the other, beside each other."""
    soon, steps = "2030-06-01 12:00", []
    for lane in range(LANES):
        for number in range(1, DEEP + 1):
            needs = [f"s{lane}-{number - 1}"] if number > 1 else []
            step: dict[str, Any] = {"id": f"s{lane}-{number}", "title": f"Step {lane}-{number}", "needs": needs}
            gate = {"gate": "second"} if number == GATED else {}
            steps.append({**step, "takes": "10m", "lead": f"team-{lane:03}", **gate})
    gates = {key: {"name": key.title(), "due": soon, "criteria": ["Looked at"]} for key in ("first", "second")}
    book = {"name": "Day", "starts": {"at": "2030-06-01 13:00"}, "needs": ["first"], "steps": steps}
    return {**plan(), "gates": gates, "runbooks": {"day": book}}


class Desk:
    """Somebody who types, and reads the answer."""

    def __init__(self, port: int) -> None:
        self.port = port

    def says(self, user: str, word: str, text: str) -> str:
        """Type a command; the answer."""
        return asyncio.run(self._says(user, word, text))

    async def _says(self, user: str, word: str, text: str) -> str:
        body = {
            "team_id": "T0BENCH", "channel_id": "C0COORD", "channel_name": "coord", "user_id": user, "command": word,
            "text": text, "response_url": "", "trigger_id": str(time.time_ns()),
        }  # fmt: skip
        return await _ask(self.port, command(SECRET, str(int(time.time())), body))


async def _ask(port: int, request: bytes) -> str:
    """Send a request by itself; empty where nobody answers."""
    try:
        transport, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        answer = await connection.ask(request)
    except OSError:
        return ""
    transport.close()
    return answer.decode(errors="replace") if answer.startswith(b"HTTP/1.1 200") else ""


def _delay(store: Store, desk: Desk, number: int) -> tuple[float, float]:
    """Delay a team's step by a minute; the seconds until its last step is reckoned anew, and until the card is."""
    lane = number % LANES
    last, card = f"s{lane}-{DEEP}", "SELECT revision FROM deliveries WHERE kind = 'run.card'"
    was, revision = _expected(store, last), store.one(card)
    began = time.monotonic()
    said = desk.says(f"U0LEAD{lane:03}", "/run", f"delay s{lane}-1 1m because of {number}")
    while _expected(store, last) <= was:
        if time.monotonic() > began + PATIENCE:
            raise Wrong(f"a delay was not stored: {said[-300:]}")
        time.sleep(0.005)
    stored = time.monotonic() - began
    seen = f"{card} AND revision > {revision} AND state = 'sent'"
    while store.one(seen) is None:
        if time.monotonic() > began + PATIENCE:
            raise Wrong("the card does not show a delay")
        time.sleep(0.01)
    return stored, time.monotonic() - began


def _emergency(stage: Stage) -> None:
    """Declare an emergency for a hundred people, of whom two have left, while Slack keeps to its limits."""
    table = Table(f"An emergency of level 1 for {CROWD} people at Slack's limits", "told", "not reached", "last after")
    limited = replace(stage, api_port=free_port())
    with serving(stage.folder, {"SLACK_LIMITS": "1"}, limited.api_port, "benchmarks.stub"):
        for label, store in stage.databases():
            with stage.tried(), limited.bot(store, written=json.dumps(_crowd())) as server:
                began = time.time()
                said = Desk(server.port).says("U0CHIEF", "/emergency", "1 the database is gone")
                pages = "SELECT count(*) FROM deliveries WHERE kind = 'emergency.page' AND state"
                while store.one(f"{pages} IN ('waiting', 'sending')") or not store.one(f"{pages} = 'sent'"):
                    if time.time() > began + PATIENCE:
                        raise Wrong(f"pages still wait: {said[-300:]}")
                    time.sleep(0.02)
                told, lost = store.one(f"{pages} = 'sent'"), store.one(f"{pages} <> 'sent'")
                last = store.one("SELECT max(posted_as) FROM deliveries WHERE kind = 'emergency.page'")
                table.row(label, str(told), str(lost), s(float(last) - began))
                if (told, lost) != (CROWD - GONE, GONE) or float(last) - began > TOLD_WITHIN:
                    raise Wrong(f"{told} of {CROWD} were told, the last of them after {s(float(last) - began)}")


def _crowd() -> dict[str, Any]:
    """A plan of a hundred people in teams."""
    written = plan(CROWD // TEAMS - 1)
    for number, person in enumerate(list(written["people"])[-GONE:]):
        written["people"][person]["slack"] = f"U0GONE{number:03}"
    level = {"name": "Critical", "respond_within": "5m", "tell": ["everyone"], "channel": "coordination", "freezes": []}
    return {**written, "emergencies": {"1": level}}


def _expected(store: Store, key: str) -> datetime:
    found: datetime = store.rows(select(col(RunStep.expected_at)).where(RunStep.key == key))[0][0]
    return found


def _clicks(stage: Stage, store: Store, server: Server) -> int:
    """Click on each step that runs twice at once, and kill the server meanwhile; how many clicks that were."""
    clicks, began, killed = 0, time.monotonic(), 0
    wanted = select(RunStep.id, RunStep.key, RunStep.changes, RunStep.state)
    desk = Desk(server.port)
    while waiting := [row for row in store.rows(wanted) if row.state != "done"]:
        if time.monotonic() > began + PATIENCE:
            raise Wrong(f"{len(waiting)} steps are not done")
        running = [row for row in waiting if row.state == "running"]
        twice = [_click(row.id, row.changes, int(row.key[1])) for row in running for _ in range(2)]
        clicks += len(twice)
        done = LANES * DEEP - len(waiting)
        if killed < KILLS and done >= killed * 2 * LANES + LANES:
            asyncio.run(_rush(server.port, twice, server))
            stage.kill(store, server)
            killed += 1
        elif twice:
            asyncio.run(_rush(server.port, twice))
        else:
            desk.says("U0CHIEF", "/gate", "tick second 1")
    return clicks


async def _rush(port: int, requests: Sequence[bytes], dies: Server | None = None) -> None:
    """Send all at once; the server may die while it handles them."""
    asked = [asyncio.create_task(_ask(port, request)) for request in requests]
    if dies and asked:
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        dies.process.kill()
    await asyncio.gather(*asked)


def _click(number: int, changes: int, lane: int) -> bytes:
    """A click on the button of a step, as Slack sends it, signed."""
    stamp, once = str(int(time.time())), f"{time.time_ns()}"
    action = {"type": "button", "action_id": "run.confirm", "block_id": "b", "value": f"{number}:{changes}"}
    channel = f"C0TEAM{lane:03}"
    payload = {
        "type": "block_actions", "user": {"id": f"U0LEAD{lane:03}", "team_id": "T0BENCH"}, "api_app_id": "A0BENCH",
        "team": {"id": "T0BENCH"}, "container": {"type": "message", "message_ts": "1.0", "channel_id": channel},
        "channel": {"id": channel, "name": "team"}, "trigger_id": once, "response_url": "",
        "actions": [{**action, "action_ts": once}],
    }  # fmt: skip
    return signed(SECRET, stamp, {"payload": json.dumps(payload)})


def _verified(store: Store) -> tuple[int, int, int]:
    """How many steps began, how many of them twice, and how many before what they wait for or without their gate."""
    db = database(Settings(database_url=store.url))
    happened = db.transact(lambda tx: tx.session.exec(select(Entry).order_by(col(Entry.id))).all())
    steps = {step.number: step for step in db.transact(lambda tx: tx.session.exec(select(RunStep)).all())}
    gate = db.transact(lambda tx: tx.session.exec(select(Gate).where(Gate.key == "second")).one()).number
    db.close()
    places, done, passed, soon = {step.place: step for step in steps.values()}, set[int](), False, 0
    began = Counter[int]()
    for entry in happened:
        passed |= (entry.subject_kind, entry.subject_id, entry.verb) == ("gate", gate, "passed")
        if entry.subject_kind == "step" and entry.verb == "confirmed":
            done.add(entry.subject_id)
        if entry.subject_kind == "step" and entry.verb == "started":
            began[entry.subject_id] += 1
            step = steps[entry.subject_id]
            lacks = any(places[place].number not in done for place in step.needs)
            soon += lacks or (bool(step.plan.get("gate")) and not passed)
    if len(began) != LANES * DEEP:
        raise Wrong(f"{len(began)} of {LANES * DEEP} steps began")
    return len(began), sum(count > 1 for count in began.values()), soon
