"""What is fuzzed: each target takes bytes of any kind, and fails where Callboard does not answer them as it should."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from callboard.app import sections
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database, Tx
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from callboard.core.words import visible
from callboard.planfile.report import Checked
from callboard.planfile.sections import SECTIONS
from callboard.plans import service as plans
from slack_standin.state import NotPossibleError
from tests.alerts.monitored import RULES
from tests.fixtures import in_memory
from tests.gates.company import PEOPLE, PLAN_WITH_GATES
from tests.locks.conftest import FILES
from tests.planfile.sample import EVERYTHING, GOOD, check
from tests.web.strangers import Open, asks, credentials
from tests.world import MORNING, PLAN, World

Takes = Callable[[bytes], Awaitable[None]]
HERE = Path(__file__).parent
SETTLED_EVERY = 25
"""Inputs, after which all that follows from them has happened."""
WORDS = ("pa", "olga", "amp", "stan", "stranger")
ROOMS = ("omega", "release", "sigma")
RICH = (
    PLAN_WITH_GATES
    + FILES.removeprefix(PLAN)
    + """\
standups: [{name: Daily, at: "09:00", clock: person, who: [omega], window: 2h, questions: [Yesterday, Today, Blockers]}]
meetings: [{name: Planning, at: 2025-11-14 09:15, who: [all leads]}]
"""
)
COMMANDS = """\
/blocker mongo is down
/blocker ack 1
/blocker resolve 1 fixed by pb
/blocker 1,2-3
/blocker snooze 1 2h
/gate
/gate tick validated 1-3
/gate sign validated
/gate report tests_passed 68 of 72
/task start O-1
/task progress O-1 50% half
/task complete O-1
/task block O-1 because <@UPA> is away
/lock src/api/** for 2h
/lock release 1
/lock "src/a b.py" until 17:00 because tests
/lock hand 1 to <@UPB>
/standup Yesterday: a
/plan
/plan away 2025-11-14 to 2025-11-16
/plan show tasks
/risk
/freeze main
/meeting Planning
/emergency 2 fire
what waits for me?
help
who is on call
@pa has O-1
"""
FORGES = (
    ("github", "X-GitHub-Event", "push"), ("github", "X-GitHub-Event", "pull_request"),
    ("github", "X-GitHub-Event", "merge_group"), ("github", "X-GitHub-Event", "status"),
    ("github", "X-GitHub-Event", "check_run"), ("gitlab", "X-Gitlab-Event", "Push Hook"),
    ("gitlab", "X-Gitlab-Event", "Merge Request Hook"), ("gitlab", "X-Gitlab-Event", "Pipeline Hook"),
    ("gitlab", "X-Gitlab-Event", "System Hook"), ("sentry", "Sentry-Hook-Resource", "issue"),
    ("sentry", "Sentry-Hook-Resource", "event_alert"), ("sentry", "Sentry-Hook-Resource", "metric_alert"),
    ("alertmanager", "", ""), ("alert", "", ""), ("heartbeat/nightly-backup", "", ""),
)  # fmt: skip
PLACE = {"full_name": "acme/harbor", "clone_url": "https://git.example.com/harbor.git", "id": 9}
HEAD = {"sha": "a" * 40, "ref": "omega/a", "repo": PLACE}
PULL = {"number": 7, "state": "open", "user": {"login": "pb"}, "head": HEAD, "base": {"ref": "main", "repo": PLACE}}
PROJECT = {"id": 9, "git_http_url": PLACE["clone_url"], "path_with_namespace": "acme/harbor"}
ASKED = {
    "iid": 3, "state": "opened", "source_branch": "a", "target_branch": "main", "source_project_id": 9,
    "target_project_id": 9, "last_commit": {"id": "a" * 40, "author": {"email": "sc@example.com"}},
}  # fmt: skip
ALERT = {"status": "firing", "labels": {"alertname": "DiskFull", "host": "a"}, "annotations": {"summary": "full"},
         "startsAt": "2025-11-13T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "ab"}  # fmt: skip
REPORTS: Sequence[tuple[int, Any]] = (
    (0, {"ref": "refs/heads/x", "repository": PLACE, "commits": [{"added": ["a"]}], "after": "a" * 40}),
    (1, {"action": "opened", "repository": PLACE, "pull_request": PULL}),
    (2, {"action": "checks_requested", "repository": PLACE,
         "merge_group": {"head_sha": "a" * 40, "head_ref": "refs/heads/gh/pr-7-a", "base_ref": "refs/heads/main"}}),
    (3, {"repository": PLACE, "sha": "a" * 40, "state": "success", "context": "ci", "branches": [{"name": "x"}]}),
    (4, {"repository": PLACE, "check_run": {"name": "ci", "head_sha": "a" * 40, "conclusion": "success"}}),
    (5, {"ref": "refs/heads/x", "project": PROJECT, "after": "a" * 40, "object_kind": "push"}),
    (6, {"object_kind": "merge_request", "user": {"username": "pb"}, "project": PROJECT, "object_attributes": ASKED}),
    (7, {"object_attributes": {"sha": "a" * 40, "ref": "x", "status": "success"}, "project": PROJECT, "builds": []}),
    (8, {"event_name": "push", "ref": "refs/heads/x", "project": PROJECT}),
    (9, {"action": "created", "data": {"issue": {"id": "1", "title": "KeyError", "level": "error"}}}),
    (10, {"action": "triggered", "data": {"event": {"title": "x", "tags": [["a", "b"]]}, "triggered_rule": "r"}}),
    (11, {"action": "critical", "data": {"metric_alert": {"id": 1, "title": "t", "alert_rule": {"name": "n"}}}}),
    (12, {"version": "4", "status": "firing", "alerts": [ALERT]}),
    (13, {"title": "Disk is full", "labels": {"host": "a"}, "status": "resolved", "at": "2025-11-13T08:00:00Z"}),
    (14, {}),
)  # fmt: skip
LFS = (("GET", "/locks"), ("POST", "/locks"), ("POST", "/locks/verify"), ("POST", "/locks/{}/unlock"),
       ("POST", "/objects/batch"))  # fmt: skip
GIT = (
    b"\x00path=src/x&limit=2\n",
    b"\x00id=1.2ab&cursor=3/src&refspec=refs/heads/main\n",
    b'\x01\n{"path": "src/a.py"}',
    b'\x01\n{"path": "../web//A.css", "ref": {"name": "refs/heads/main"}}',
    b'\x02\n{"limit": 2, "cursor": "1/x"}',
    b'\x031\n{"force": true}',
    b"\x031.0af3\n{}",
    b'\x04\n{"operation": "upload", "objects": [{"oid": "a", "size": 1}]}',
)


class Target(NamedTuple):
    """How an input is taken; and inputs to begin with."""

    opened: Callable[[], Any]
    seeds: Sequence[bytes]


class Rolled(Exception):
    """What was written is not to stay."""


@dataclass
class Faults:
    """Every fault that is logged, for nobody reads what a replica answers to itself."""

    logged: list[Any]

    def __call__(self, _logger: Any, method: str, event: Any) -> Any:
        """Keep what is worse than a warning."""
        if method in ("error", "exception", "critical"):
            self.logged.append(structlog.processors.format_exc_info(None, method, dict(event)))
        raise structlog.DropEvent

    def none(self) -> None:
        found, self.logged[:] = list(self.logged), []
        assert not found, found


@asynccontextmanager
async def plan() -> AsyncIterator[Takes]:
    """A plan file: each fault has its sentence, and what has none is applied, and is the same plan when written."""
    with _database() as db:

        async def takes(given: bytes) -> None:
            checked = check(given)
            assert all(line and line == visible(line) for line in checked.report()), checked.report()
            if not checked.errors:
                with suppress(Rolled):
                    db.transact(_applied, checked)

        yield takes


def _applied(tx: Tx, checked: Checked) -> None:
    """Apply it, and read what is written of it."""
    try:
        done = plans.apply(tx, checked, author="chief", workspace="T1")
        tx.flush()
    except Refused as refused:
        raise Rolled from refused
    again = check(plans.export(tx, done.plan_id))
    assert not again.errors, again.report()
    raise Rolled


@asynccontextmanager
async def command() -> AsyncIterator[Takes]:
    """What is typed after a slash, or said to the bot: the first byte says by whom and where."""
    async with _watched(World, RICH) as (world, faults):
        count = 0

        async def takes(given: bytes) -> None:
            nonlocal count
            who, text = given[:1] or b"\0", given[1:].decode(errors="replace").strip()
            person, room = WORDS[who[0] % len(WORDS)], ROOMS[who[0] // 16 % len(ROOMS)]
            if not text:
                return
            with suppress(NotPossibleError):
                if text.startswith("/"):
                    await world.slack.command(person, room, text)
                else:
                    world.slack.say(person, "dm", text)
            while world.slack.views(person):
                await world.slack.close_view(person)
            count += 1
            if count % SETTLED_EVERY == 0:
                await world.settled()
            faults.none()

        yield takes


@asynccontextmanager
async def webhook() -> AsyncIterator[Takes]:
    """What a forge or monitoring reports, signed as it should be: the first byte says who reports."""
    async with _watched(Open, FILES + RULES) as (world, faults):
        token, count = world.token("amp", "alerts"), 0

        async def takes(given: bytes) -> None:
            nonlocal count
            hook, event, name = FORGES[(given[:1] or b"\0")[0] % len(FORGES)]
            body, path = given[1:], f"/hooks/{hook}"
            own = [one for one in credentials(path, token, body) if one[0] != event]
            answer = await asks(world.app.web, "POST", path, [*own, *([(event, name)] if event else [])], body)
            assert answer.status < 500, (answer.status, answer.body)
            assert isinstance(json.loads(answer.body), dict)
            count += 1
            if count % SETTLED_EVERY == 0:
                world.app.limits._left.clear()
                await world.settled()
            faults.none()

        yield takes


@asynccontextmanager
async def lfs() -> AsyncIterator[Takes]:
    """What git-lfs asks: the first byte says what, a line has the query or the id, the rest is the body."""
    async with _watched(Open, FILES) as (world, faults):
        token, count = world.token("pa", "locks"), 0
        headers = [("Authorization", "Basic " + base64.b64encode(f"pa:{token}".encode()).decode())]

        async def takes(given: bytes) -> None:
            nonlocal count
            method, path = LFS[(given[:1] or b"\0")[0] % len(LFS)]
            words, _, body = given[1:].partition(b"\n")
            query = words.decode("ascii", errors="ignore").partition("?")[0]
            path = path.format(query.replace("/", "") or "1") if "{}" in path else f"{path}?{query}"
            answer = await asks(world.app.web, method, f"/lfs/release/harbor{path}", headers, body)
            assert answer.status < 500, (answer.status, answer.body)
            assert answer.status == 204 or isinstance(json.loads(answer.body), dict)
            count += 1
            if count % SETTLED_EVERY == 0:
                await world.settled()
            faults.none()

        yield takes


@contextmanager
def migrated() -> Iterator[str]:
    """The address of a new database."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        db = Database(f"sqlite:///{folder}/callboard.db", ManualClock(MORNING), Bus())
        schema.upgrade(db)
        db.close()
        yield str(db.url)


@contextmanager
def _database() -> Iterator[Database]:
    with migrated() as url:
        db = Database(url, ManualClock(MORNING), Bus())
        db.registry.put(SECTIONS, sections())
        yield db
        db.close()


@asynccontextmanager
async def _watched(kind: type[World], text: str) -> AsyncIterator[tuple[World, Faults]]:
    """A world in which every fault that is logged is kept; in the end there is none, and its timeline is whole."""
    faults = Faults([])
    with _database() as db:
        async with kind(str(db.engine.url), text, people=PEOPLE) as world:
            structlog.configure(processors=[structlog.contextvars.merge_contextvars, faults])
            yield world, faults
            await world.settled()
            faults.none()
            assert world.verified() == []


TARGETS = {
    "plan": Target(plan, [GOOD.encode(), EVERYTHING.read_bytes(), RICH.encode()]),
    "command": Target(command, [bytes([n]) + text.encode() for n, text in enumerate(COMMANDS.splitlines())]),
    "webhook": Target(webhook, [bytes([n]) + json.dumps(report).encode() for n, report in REPORTS]),
    "lfs": Target(lfs, GIT),
}


def found(target: str) -> list[bytes]:
    """What once failed."""
    return [path.read_bytes() for path in sorted((HERE / "found").glob(f"{target}-*"))]
