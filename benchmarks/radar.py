"""A repository of 5,000 files and 30 branches of three teams, seeded with conflicts: how many are found, how fast."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from importlib import resources
from pathlib import Path

import psutil
from sqlalchemy import text

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.report import Table, s
from benchmarks.seeded import Repository, Seeding, changed, commit, fast_import
from benchmarks.servers import Server, Wrong, free_port, python, serving

SECRET = "between us"  # noqa: S105 - of nobody
SCAN, CARD, HUGE = 2.0, 10.0, 100_000
WITHIN = 120.0
FOUND = "SELECT one, other, degree FROM conflicts WHERE state <> 'over'"
SENT = (
    "SELECT count(*) FROM deliveries JOIN conflicts ON conflicts.id = deliveries.subject_id "
    "WHERE deliveries.kind = 'conflict.card' AND deliveries.state = 'sent' AND conflicts.other LIKE :other"
)


def run(stage: Stage) -> None:
    """Print the table."""
    table = Table("Three teams, 5,000 files, 30 branches, seeded conflicts of each degree", "seconds", "aim")
    for label, store in stage.databases():
        with stage.tried(), ExitStack() as stack:
            _one(stage, table, label, store, stack)


def _one(stage: Stage, table: Table, label: str, store: Store, stack: ExitStack) -> None:
    folder = stage.folder / f"radar-{label.lower()}"
    folder.mkdir()
    bare, repository = folder / "seeded.git", Repository(Seeding())
    at = int(subprocess.run(["date", "+%s"], capture_output=True, check=True).stdout)
    repository.write(bare, at)
    server = stack.enter_context(_bot(stage, folder, bare, store))
    began = time.monotonic()
    _until(lambda: int(store.one("SELECT count(*) FROM mirrors WHERE fetched_at IS NOT NULL")), server)
    scan = _scans(server)[0]
    table.row(f"{label}: cloned, looked at and judged", s(time.monotonic() - began))
    table.row(f"{label}: what git worked for that", s(_git_time(server)))
    table.row(f"{label}: the look alone, all pairs", s(scan), f"< {SCAN:.0f} s")
    found = {tuple(row) for row in store.rows(text(FOUND))}
    right = found & repository.truth.all
    recall, precision = len(right) / len(repository.truth.all), len(right) / max(len(found), 1)
    table.note(
        f"{len(repository.truth.all)} seeded, {len(found)} found: recall {recall:.1%}, precision {precision:.1%}"
    )
    before = _git_time(server)
    card = _push_to_card(bare, store, server, at)
    table.row(f"{label}: from the push to the card", s(card), f"< {CARD:.0f} s")
    table.row(f"{label}: the look after that push alone", s(_scans(server)[1]))
    table.row(f"{label}: what git worked for that", s(_git_time(server) - before))
    huge = _huge(stage, bare, store, server, at)
    table.row(f"{label}: a branch with {stage.some(HUGE):,} changes, to the card of another", s(huge))
    if recall < 1 or precision < 1 or scan > SCAN or card > CARD:
        raise Wrong("the radar misses its aims")


def _bot(stage: Stage, folder: Path, bare: Path, store: Store) -> AbstractContextManager[Server]:
    text = resources.files("callboard.examples").joinpath("meschain.yml").read_text()
    plan = folder / "plan.yml"
    plan.write_text(text.replace("https://git.example.com/meschain-sync.git", str(bare)))
    environment = stage.environment() | {
        "DATABASE_URL": store.url, "CALLBOARD_MIRRORS": str(folder / "mirrors"), "CALLBOARD_GITHUB_SECRET": SECRET,
        "CALLBOARD_REPOSITORY_SCHEMES": "file",
    }  # fmt: skip
    asked = python("callboard", "apply", str(plan), "--yes")
    subprocess.run(asked, env={**os.environ, **environment}, capture_output=True, check=True)
    return serving(folder, environment, free_port(), "callboard", "serve", "--host", "127.0.0.1")


def _push_to_card(bare: Path, store: Store, server: Server, at: int) -> float:
    """Two more branches collide; seconds from the push to both cards being accepted."""
    return _pushed(bare, store, server, at, "one")


def _huge(stage: Stage, bare: Path, store: Store, server: Server, at: int) -> float:
    """The same beside a branch that changes everything."""
    files = {f"huge/d{number % 500}/f{number}.txt": "1\n" for number in range(stage.some(HUGE))}
    _commit(bare, "musti/huge", files, at)
    return _pushed(bare, store, server, at, "two")


def _pushed(bare: Path, store: Store, server: Server, at: int, name: str) -> float:
    for team in ("cursor", "vscode"):
        _commit(bare, f"{team}/{name}", {f"late/{name}.txt": changed("late", 7, team)}, at)
    began = time.monotonic()
    body = json.dumps({"ref": name, "repository": {"full_name": "a/b", "clone_url": str(bare)}}).encode()
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signed}"}
    connection.request("POST", "/hooks/github", body, headers)
    status = connection.getresponse().status
    if status != http.HTTPStatus.ACCEPTED:
        raise Wrong(f"the webhook was answered {status}\n{server.tail()}")
    _until(lambda: int(store.one(SENT, other=f"%/{name}")), server)
    return time.monotonic() - began


def _commit(bare: Path, branch: str, files: dict[str, str], at: int) -> None:
    parent = f"refs/heads/{branch}^0"
    known = subprocess.run(
        ["git", "rev-parse", "-q", "--verify", parent],
        cwd=bare,
        capture_output=True,
        check=False,
    )
    onto = parent if known.returncode == 0 else "refs/heads/main^0"
    mail = f"late@{branch.partition('/')[0]}.example"
    fast_import(bare, "\n".join(commit(branch, ":1", onto, mail, at, files)).encode())


def _scans(server: Server) -> list[float]:
    """How long each look took, as the bot logs it."""
    lines = [line for line in server.log.read_text().splitlines() if '"radar.looked"' in line]
    return [float(json.loads(line)["seconds"]) for line in lines]


def _git_time(server: Server) -> float:
    """How long the processors have worked for git: the bot starts nothing else."""
    spent = psutil.Process(server.process.pid).cpu_times()
    return float(spent.children_user + spent.children_system)


def _until(happened: Callable[[], int], server: Server) -> None:
    end = time.monotonic() + WITHIN
    while not happened():
        if time.monotonic() > end:
            raise Wrong(f"nothing happened for {WITHIN:.0f} s\n{server.tail()}")
        time.sleep(0.05)
