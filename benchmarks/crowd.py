"""People who want overlapping locks at once: over the API of git-lfs, with signed `/lock` commands, and with git.

Runs in a process of its own, with a `Rush` as JSON for its argument; writes `Rushed` as JSON to stdout.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.load import Connection, command

FOLDERS, EACH = "abcdef", 10
FILES = tuple(f"src/{folder}/f{number}.py" for folder in FOLDERS for number in range(EACH))
PATTERNS = (
    *(f"src/{folder}/**" for folder in FOLDERS), *(f"src/**/f{number}.py" for number in range(EACH)), *FILES[::3]
)  # fmt: skip
"""What is typed: either a name of `FILES`, or what stands before and behind `**` begins and ends it."""
TYPED, HELD, PAUSE = 0.25, 0.3, 0.25
NUMBER = re.compile(r"[Ll]ock (\d+)")
OVER = ("released", "withdrawn", "expired", "broken", "taken", "declined", "missed")
DONE, MADE, GONE, TAKEN, AWAY = 200, 201, 404, 409, 503


@dataclass(frozen=True, kw_only=True)
class Rush:
    """Who rushes at which servers, for how long. A person: handle, name, Slack id, channel, token.

    The last `clients` of the people use git, in folders of their own.
    """

    ports: Sequence[int]
    secret: str
    workspace: str
    plan: str
    people: Sequence[Sequence[str]]
    folder: str
    seconds: float
    clients: int = 0
    seed: int = 7


@dataclass
class Rushed:
    """Seconds until answers; by the locks' numbers who was told that they have one.

    `leaving` are those that somebody wanted to give back, `ended` those of them of which they were told that it is so.
    """

    seconds: list[float] = field(default_factory=list)
    granted: dict[int, str] = field(default_factory=dict)
    leaving: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    by_git: int = 0
    resent: int = 0
    late: int = 0
    took: float = 0.0


class Person:
    """Asks for one thing after the other, and gives back what they get; what nobody answers is sent again."""

    def __init__(self, rush: Rush, done: Rushed, number: int) -> None:
        self._rush = rush
        self._done = done
        self._handle, self._name, self._slack, self._channel, self._token = rush.people[number]
        self._chance = random.Random(f"{rush.seed} {number}")  # noqa: S311 - chance without secrets
        self._sent = 0
        self._at = number % len(rush.ports)
        self._connection: tuple[asyncio.Transport, Connection] | None = None

    async def works(self, until: float) -> None:
        """Over HTTP, as git-lfs and Slack do."""
        while time.monotonic() < until:
            if self._chance.random() < TYPED:
                await self._types()
            else:
                await self._calls()

    async def works_with_git(self, until: float) -> None:
        """With `git lfs` in a clone."""
        folder = Path(self._rush.folder) / self._handle
        await asyncio.to_thread(_clone, folder)
        while time.monotonic() < until:
            path = self._chance.choice(FILES)
            began = time.monotonic()
            said = await self._git(folder, "lock", "--json", path)
            if said.startswith(("{", "[")):
                self._done.seconds.append(time.monotonic() - began)
                found = json.loads(said)
                number = int((found[0] if isinstance(found, list) else found)["id"])
                self._has(number)
                self._done.by_git += 1
                await asyncio.sleep(self._chance.uniform(0, HELD))
                await self._gives_back(number)
            elif "locked by" in said or "already" in said:
                self._done.refused += 1
            else:
                self._done.resent += 1
                self._turn_away()
                await asyncio.sleep(PAUSE)

    async def _calls(self) -> None:
        path = self._chance.choice(FILES)
        status, body = await self._asks_lfs("", {"path": path})
        lock = body.get("lock") or {}
        if status == MADE:
            self._has(int(lock["id"]))
            await asyncio.sleep(self._chance.uniform(0, HELD))
            await self._gives_back(int(lock["id"]))
        elif status == TAKEN and lock["owner"]["name"] == self._name:
            await self._releases(int(lock["id"].partition(".")[0]))
        elif status == TAKEN:
            self._done.refused += 1
        else:
            self._done.wrong.append(f"{status}: {body}")

    async def _gives_back(self, number: int) -> None:
        self._done.leaving.append(number)
        status, body = await self._asks_lfs(f"/{number}/unlock", {"force": False})
        if status in (DONE, GONE):
            self._done.ended.append(number)
        else:
            self._done.wrong.append(f"unlock {number}: {status}: {body}")

    async def _types(self) -> None:
        said = await self._says(f"/lock {self._chance.choice(PATTERNS)} for a rush")
        number = NUMBER.search(said)
        if number and "yours until" in said:
            self._has(int(number[1]))
            await asyncio.sleep(self._chance.uniform(0, HELD))
            await self._releases(int(number[1]))
        elif number and "You hold" in said:
            await self._releases(int(number[1]))
        elif "Still working" in said:
            self._done.late += 1
        elif "is locked by" in said:
            self._done.refused += 1
        else:
            self._done.wrong.append(said[:500])

    async def _releases(self, number: int) -> None:
        self._done.leaving.append(number)
        said = await self._says(f"/lock release {number}")
        if "Released" in said or "is over" in said:
            self._done.ended.append(number)
        elif "Still working" in said:
            self._done.late += 1
        else:
            self._done.wrong.append(said[:500])

    def _has(self, number: int) -> None:
        self._done.granted[number] = self._handle

    async def _says(self, typed: str) -> str:
        word, _, text = typed.partition(" ")
        self._sent += 1
        trigger = f"{self._rush.seed}.{self._handle}.{self._sent}"
        fields = {
            "token": "old", "team_id": self._rush.workspace, "team_domain": "rush", "channel_id": self._channel,
            "channel_name": "rush", "user_id": self._slack, "user_name": self._handle, "command": word, "text": text,
            "api_app_id": "A0BENCH", "response_url": "http://127.0.0.1:9/", "trigger_id": trigger,
        }  # fmt: skip
        status, body = await self._asks(lambda: command(self._rush.secret, str(int(time.time())), fields))
        return json.dumps(json.loads(body), ensure_ascii=False) if status == DONE and body else f"{status}: {body!r}"

    async def _asks_lfs(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, said = await self._asks(lambda: self._request(path, body))
        return status, json.loads(said)

    async def _asks(self, request: Callable[[], bytes]) -> tuple[int, bytes]:
        """Send until somebody answers, at another server each time that nobody does."""
        while True:
            try:
                connection = await self._open()
                began = time.monotonic()
                answer = await connection.ask(request())
                status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
                if status not in (0, AWAY):
                    self._done.seconds.append(time.monotonic() - began)
                    return status, answer.partition(b"\r\n\r\n")[2]
            except (OSError, TimeoutError):
                pass
            self._connection = None
            self._turn_away()
            self._done.resent += 1
            await asyncio.sleep(PAUSE)

    def _request(self, path: str, body: dict[str, Any]) -> bytes:
        content = json.dumps(body).encode()
        asked = base64.b64encode(f"{self._handle}:{self._token}".encode()).decode()
        head = (
            f"POST /lfs/{self._rush.plan}/main/locks{path} HTTP/1.1", "Host: 127.0.0.1",
            "Accept: application/vnd.git-lfs+json", "Content-Type: application/vnd.git-lfs+json; charset=utf-8",
            f"Authorization: Basic {asked}", f"Content-Length: {len(content)}", "\r\n",
        )  # fmt: skip
        return "\r\n".join(head).encode() + content

    async def _open(self) -> Connection:
        if self._connection is None or self._connection[0].is_closing():
            loop = asyncio.get_running_loop()
            self._connection = await loop.create_connection(Connection, "127.0.0.1", self._rush.ports[self._at])
        return self._connection[1]

    def _turn_away(self) -> None:
        self._at = (self._at + 1) % len(self._rush.ports)

    async def _git(self, folder: Path, *words: str) -> str:
        at = f"http://{self._handle}:{self._token}@127.0.0.1:{self._rush.ports[self._at]}/lfs/{self._rush.plan}/main"
        run = await asyncio.create_subprocess_exec(
            "git", "-c", f"lfs.url={at}", "lfs", *words, cwd=folder, env=_alone(folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return (await run.communicate())[0].decode()


async def rush(asked: Rush) -> Rushed:
    """Let all of them want something for their time."""
    done, began = Rushed(), time.monotonic()
    until, first = began + asked.seconds, len(asked.people) - asked.clients
    people = [Person(asked, done, number) for number in range(len(asked.people))]
    await asyncio.gather(
        *(one.works(until) for one in people[:first]), *(one.works_with_git(until) for one in people[first:])
    )
    done.took = time.monotonic() - began
    return done


def doubly_held(entries: Sequence[Any]) -> Iterator[str]:
    """What two held at one instant, by brute force over the timeline: the entries about locks, as they are sealed."""
    holders: dict[int, str] = {}
    held: dict[str, int] = {}
    for entry in entries:
        number = entry.subject_id
        if entry.verb in OVER:
            holders.pop(number, None)
            held = {path: other for path, other in held.items() if other != number}
        elif entry.verb == "acquired":
            holders[number] = entry.actor
            for path in (path for target in entry.facts["targets"] for path in covered(target)):
                if path in held:
                    other = held[path]
                    yield f"{entry.at}: {path} by {entry.actor} ({number}) and by {holders[other]} ({other})"
                held[path] = number


def lost(done: Rushed, entries: Sequence[Any], states: Mapping[int, str]) -> Iterator[int]:
    """The locks of which somebody was told something that neither the timeline nor the table says."""
    had = {one.subject_id: one.actor for one in entries if one.verb == "acquired"}
    leaving, ended = set(done.leaving), set(done.ended)
    for number, who in done.granted.items():
        right = ("over",) if number in ended else ("over", "held") if number in leaving else ("held",)
        if had.get(number) != who or states[number] not in right:
            yield number


def covered(target: str) -> list[str]:
    """The files that a lock of the rush is for."""
    before, wild, behind = target.partition("**")
    return [path for path in FILES if path.startswith(before) and path.endswith(behind)] if wild else [target]


def _clone(folder: Path) -> None:
    """A repository with the files; nobody pushes, so it needs no other."""
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("1\n")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Begin")):
        subprocess.run(["git", *words], cwd=folder, env=_alone(folder), check=True, capture_output=True)


def _alone(folder: Path) -> dict[str, str]:
    """What git is told of its surroundings: nothing of whoever is logged in."""
    who = {f"GIT_{role}_{what}": "rush@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return os.environ | who | {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


if __name__ == "__main__":
    json.dump(asdict(uvloop.run(rush(Rush(**json.loads(sys.argv[1]))))), sys.stdout)
