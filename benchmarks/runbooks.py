"""A run-book of sixty steps of five teams under load: delays, doubled clicks, and kills.

Shows how long after `/run delay` was typed the whole run is reckoned anew in the database and on the card, next to a
plain command of the same load; and that whatever is clicked twice, typed too early or killed, no step begins twice, or
before what it waits for.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from benchmarks.databases import Store
from benchmarks.desk import Desk, ask
from benchmarks.harness import SECRET, Stage
from benchmarks.load import signed
from benchmarks.plan import plan
from benchmarks.report import Table, ms, quantile, s, times
from benchmarks.servers import Server, Wrong
from callboard.app import database
from callboard.core.timeline import Entry
from callboard.gates.models import Gate
from callboard.runbooks.models import RunStep
from callboard.settings import Settings

LANES, DEEP, GATED = 5, 12, 6
"""Each of five teams has twelve steps of its own; the sixth of each waits for a gate too."""
DELAYS, KILLS = 20, 3
STORED_WITHIN, SHOWN_WITHIN = 1.0, 5.0
COMMANDS, COMMANDS_EVERY = 600, 0.05
PATIENCE = 120.0
HEADS = (
    *("in database", "worst", "on card", "worst", "a command", "delay/cmd"),
    *("clicks", "kills", "steps", "twice", "too soon"),
)


def run(stage: Stage) -> None:
    """Print the table."""
    every = COMMANDS_EVERY / stage.share
    table = Table(f"{LANES * DEEP} steps of {LANES} teams while {1 / every:.0f} commands a second come in", *HEADS)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store, written=json.dumps(_plan())) as server:
            desk = Desk(server.port)
            desk.says("U0CHIEF", "/gate", "tick first 1")
            desk.says("U0CHIEF", "/run", "start day")
            with stage.firing(server, stage.some(COMMANDS), at_once=8, every=every) as load:
                delays = [_delay(store, desk, number) for number in range(DELAYS)]
            stored, shown = zip(*delays, strict=True)
            typed = quantile(load[0].seconds, 0.5)
            clicks, kills = _clicks(stage, store, server)
            steps, twice, soon = _verified(store)
            table.row(
                label, ms(quantile(stored, 0.5)), ms(max(stored)), ms(quantile(shown, 0.5)), ms(max(shown)), ms(typed),
                times(quantile(stored, 0.5), typed), *map(str, (clicks, kills, steps, twice, soon)),
            )  # fmt: skip
            if max(stored) > STORED_WITHIN or max(shown) > SHOWN_WITHIN:
                raise Wrong(f"a delay took {s(max(stored))} to the database and {s(max(shown))} to the card")
            if twice or soon or kills < KILLS:
                raise Wrong(f"{twice} steps began twice, {soon} before what they wait for, after {kills} kills")
    table.note(
        f"A delay is in the database within {STORED_WITHIN:.0f} s and on the card within {SHOWN_WITHIN:.0f} s; "
        "no step begins twice, or without its gate."
    )


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


def _expected(store: Store, key: str) -> datetime:
    found: datetime = store.rows(select(col(RunStep.expected_at)).where(RunStep.key == key))[0][0]
    return found


def _clicks(stage: Stage, store: Store, server: Server) -> tuple[int, int]:
    """Click twice at once on each step that runs, and kill the server meanwhile; how many clicks and kills."""
    clicks, began, killed, is_open = 0, time.monotonic(), 0, False
    wanted = select(RunStep.id, RunStep.key, RunStep.changes, RunStep.state)
    desk = Desk(server.port)
    while waiting := [row for row in store.rows(wanted) if row.state != "done"]:
        if time.monotonic() > began + PATIENCE:
            raise Wrong(f"{len(waiting)} steps are not done")
        running = [row for row in waiting if row.state == "running"]
        twice = [_click(row.id, row.changes, int(row.key[1])) for row in running for _ in range(2)]
        clicks += len(twice)
        done = LANES * DEEP - len(waiting)
        if twice and killed < KILLS and done >= killed * 2 * LANES + LANES:
            asyncio.run(_rush(server.port, twice, server))
            stage.kill(store, server)
            killed += 1
        elif twice:
            asyncio.run(_rush(server.port, twice))
        elif not is_open:
            for lane in range(LANES):
                _refused(desk, lane)
            desk.says("U0CHIEF", "/gate", "tick second 1")
            is_open = True
    return clicks, killed


def _refused(desk: Desk, lane: int) -> None:
    """Type that the step of a team begins whose gate has not passed."""
    said = desk.says(f"U0LEAD{lane:03}", "/run", f"start s{lane}-{GATED}")
    if "can't begin" not in said:
        raise Wrong(f"a step without its gate was not refused: {said[-300:]}")


async def _rush(port: int, requests: Sequence[bytes], dies: Server | None = None) -> None:
    """Send all at once; the server may die while it handles them."""
    asked = [asyncio.create_task(ask(port, request)) for request in requests]
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
