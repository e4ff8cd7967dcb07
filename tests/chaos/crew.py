"""People at work, each by a seed of their own: they ask, read what is answered, and ask again where nobody answers."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import company
from tests.chaos.desk import STILL, Slack
from tests.chaos.history import FAIL, INFO, INVOKE, OK, Recorder, is_faulty

NOBODY_KNOWS = ("operation_timeout", "dispatch_failed", "no words within", "did not respond")
TRIES, PAUSE = 6, 0.7
AGAIN = 0.85
"""The share of what was not answered that is sent again; of the rest nobody ever knows."""
ONCE_MORE = 0.03
"""The share of what was answered that Slack delivers again all the same."""
NUMBER = re.compile(r"(?:[Bb]locker|[Ll]ock) (\d+)")

DONE: dict[str, re.Pattern[str]] = {
    "raise": re.compile(r"Blocker \d+ is open for"),
    "ack": re.compile(r"You have blocker \d+\. Nobody else"),
    "take": re.compile(r"You have blocker \d+\. Nobody else"),
    "unack": re.compile(r"You handed back blocker \d+"),
    "note": re.compile(r"Your note is in the thread"),
    "escalate": re.compile(r"I am paging the next step"),
    "resolve": re.compile(r"Blocker \d+ is resolved\."),
    "reopen": re.compile(r"Blocker \d+ is open again"),
    "withdraw": re.compile(r"Blocker \d+ is withdrawn\."),
    "show": re.compile(r"\*Blocker \d+\*"),
    "lock": re.compile(r"yours until"),
    "renew": re.compile(r"yours until"),
    "release": re.compile(r"\*Released\*"),
    "hand": re.compile(r"Lock \d+ is <@\w+>'s now"),
    "claim": re.compile(r"is yours\. Next"),
    "start": re.compile(r"is in progress\. Next|in progress\."),
    "progress": re.compile(r"is at \d+%"),
    "complete": re.compile(r"is completed\."),
    "reopen task": re.compile(r"is reopened: |is open again"),
    "give back": re.compile(r"^You gave .* back"),
    "tick": re.compile(r"^Ticked\."),
    "untick": re.compile(r"^Unticked\."),
    "withdraw signature": re.compile(r"^You withdrew\."),
    "list": re.compile(r""),
}


@dataclass
class Board:
    """What people know from each other: open matters that somebody may act on."""

    blockers: list[tuple[int, str, str]] = field(default_factory=list)
    locks: list[tuple[int, str]] = field(default_factory=list)

    def blocker(self, chance: random.Random) -> tuple[int, str, str] | None:
        """One of the newest: number, team, who raised it."""
        return chance.choice(self.blockers[-40:]) if self.blockers else None


@dataclass
class Pace:
    """How often somebody may raise something, so that no list of pages grows for ever."""

    per_second: float
    left: float = 4.0
    at: float = field(default_factory=time.monotonic)

    def may(self) -> bool:
        now = time.monotonic()
        self.left, self.at = min(4.0, self.left + (now - self.at) * self.per_second), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Worker:
    """One person."""

    def __init__(
        self, slack: Slack, recorder: Recorder, board: Board, pace: Pace, place: int, person: str, seed: int
    ) -> None:  # fmt: skip
        self._slack, self._recorder, self._board, self._pace = slack, recorder, board, pace
        self._person, self._place, self._chance = person, place, random.Random(f"{seed} {person}")
        self._process, self._made = place, 0
        found = re.search(r"\d\d", person)
        self._team = int(found[0]) % company.TEAMS if found else 0
        self._is_lookout = person.startswith("look")
        self._mine: list[int] = []

    async def work(self, goes_on: Callable[[], bool], pause: float) -> None:
        """Do one thing after the other."""
        deeds = self._deeds()
        while goes_on():
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))
            (deed,) = self._chance.choices(list(deeds), list(deeds.values()))
            await deed()

    def _deeds(self) -> dict[Callable[[], Awaitable[None]], float]:
        if self._is_lookout:
            return {self._click: 5, self._acts: 2, self._shows: 1, self._looks: 1}
        return {
            self._raises: 5, self._acts: 6, self._click: 2, self._shows: 6, self._locks: 8, self._tasks: 6,
            self._gates: 6, self._checks_in: 1, self._lists: 4, self._looks: 1,
        }  # fmt: skip

    # Blockers

    async def _raises(self) -> None:
        if not self._pace.may():
            await self._shows()
            return
        token, severity = self._token(), self._chance.choice(company.SEVERITIES)
        done = await self._types("raise", f"/blocker raise {severity}: {token} mongo is down", token=token)
        if done and (number := _number(done)):
            self._board.blockers.append((number, company.team(self._team), self._person))

    async def _acts(self) -> None:
        found = self._board.blocker(self._chance)
        if found is None:
            return
        number, _, reporter = found
        own = reporter == self._person
        verbs = {"ack": 5, "unack": 1, "note": 2, "escalate": 1, "resolve": 3, "reopen": 1, "withdraw": own}
        (verb,) = self._chance.choices(list(verbs), list(verbs.values()))
        token = self._token() if verb in ("note", "resolve", "withdraw") else ""
        await self._types(verb, f"/blocker {verb} {number} {token}".strip(), about=number, token=token)

    async def _shows(self) -> None:
        if found := self._board.blocker(self._chance):
            await self._types("show", f"/blocker show {found[0]}", about=found[0])

    async def _lists(self) -> None:
        words = ("/blocker list", "/blocker mine", "/lock list", "/task mine", "/gate mine", "/lock mine")
        await self._types("list", self._chance.choice(words))

    async def _click(self) -> None:
        place = self._chance.randrange(10)
        await self._does("take", {}, lambda: self._slack.ask("take", by=self._person, place=place))

    async def _looks(self) -> None:
        await self._slack.ask("look", by=self._person)

    # Locks

    async def _locks(self) -> None:
        if self._mine and self._chance.random() < 0.7:
            held = self._chance.choice(self._mine)
            (verb,) = self._chance.choices(("release", "renew", "hand"), (6, 2, 2))
            colleague = self._chance.choice([one for one in company.crew(self._team) if one != self._person])
            typed = f"/lock {verb} {held}" + (f" to @{colleague}" if verb == "hand" else "")
            done = await self._types(verb, typed, about=held, to=colleague if verb == "hand" else None)
            if verb != "renew" and done:
                self._mine.remove(held)
            elif done is None and self._chance.random() < 0.5:
                self._mine.remove(held)  # it may be over
            return
        path, token = self._chance.choice(company.paths(self._team)), self._token()
        done = await self._types("lock", f"/lock {path} for 1m {token}", path=path, token=token)
        if done and (number := _number(done)):
            self._mine.append(number)

    # Tasks, gates, standups

    async def _tasks(self) -> None:
        key = self._chance.choice(company.tasks(self._team))
        verbs = {"claim": 5, "start": 3, "progress": 3, "complete": 2, "reopen": 2, "release": 4}
        (verb,) = self._chance.choices(list(verbs), list(verbs.values()))
        token = self._token() if verb in ("progress", "complete", "reopen") else ""
        rest = f"{self._chance.randrange(1, 10)}0% {token}" if verb == "progress" else token
        f = {"reopen": "reopen task", "release": "give back"}.get(verb, verb)
        await self._types(f, f"/task {verb} {key} {rest}".strip(), about=key, token=token)

    async def _gates(self) -> None:
        key = self._chance.choice(company.gates(self._team))
        verbs = {"tick": 6, "untick": 3, "sign": 4, "withdraw": 2}
        (verb,) = self._chance.choices(list(verbs), list(verbs.values()))
        if verb == "sign":
            await self._fills("sign", f"/gate sign {key}", {"Confirm": "yes"}, about=key)
            return
        criterion = self._chance.choice(company.CRITERIA)
        if verb == "withdraw":
            await self._types("withdraw signature", f"/gate withdraw {key}", about=key)
        else:
            await self._types(verb, f"/gate {verb} {key} {criterion}", about=key, criterion=criterion)

    async def _checks_in(self) -> None:
        token = self._token()
        await self._fills("check in", "/standup", {"Today": token}, token=token)

    # How it is asked

    def _token(self) -> str:
        self._made += 1
        return f"tok{self._place}q{self._made}q"

    async def _types(self, f: str, text: str, **value: Any) -> str | None:
        """What was answered, where it was done."""
        channel = "release" if self._is_lookout else company.team(self._team)
        return await self._does(
            f, {"typed": text, **value},
            lambda: self._slack.ask("command", by=self._person, channel=channel, text=text),
        )  # fmt: skip

    async def _fills(self, f: str, typed: str, values: dict[str, str], **value: Any) -> None:
        """Open a form by a command, which changes nothing, and submit it."""
        await self._slack.ask("close_forms", by=self._person)
        channel = company.team(self._team)
        opened = await self._slack.ask("command", by=self._person, channel=channel, text=typed)
        if opened["ok"] and not opened["text"]:
            asked = {"typed": typed, **value}
            await self._does(f, asked, lambda: self._slack.ask("submit", by=self._person, values=values))
        await self._slack.ask("close_forms", by=self._person)

    async def _does(self, f: str, value: dict[str, Any], asks: Callable[[], Awaitable[dict[str, Any]]]) -> str | None:
        value = {"by": self._person, **{name: given for name, given in value.items() if given not in (None, "")}}
        self._recorder.add(self._process, INVOKE, f, value)
        said = await asks()
        answers = [said["text"]]
        for _ in range(TRIES):
            if _is_known(said) or said.get("delivery") is None or self._chance.random() > AGAIN:
                break
            await asyncio.sleep(self._chance.uniform(PAUSE / 2, PAUSE * 2))
            said = await self._again(f, said)
            answers.append(said["text"])
        if _is_known(said) and said.get("delivery") and f != "take" and self._chance.random() < ONCE_MORE:
            again = await self._again(f, said)
            answers.append(again["text"])
            said = again if _is_known(again) or is_faulty(said["text"]) else said  # after a fault it is done now
        outcome = self._outcome(f, said)
        self._recorder.add(self._process, outcome, f, self._named(f, value, said) | {"answers": answers})
        if outcome == INFO:
            self._process += len(company.PEOPLE)
        return str(said["text"]) if outcome == OK else None

    async def _again(self, f: str, said: dict[str, Any]) -> dict[str, Any]:
        again = await self._slack.ask("again", delivery=said["delivery"])
        if f == "take" and again["ok"]:
            again |= {"ok": False, "text": "no words within the time"}  # they come where nobody looks for them
        return {**said, **again}

    def _outcome(self, f: str, said: dict[str, Any]) -> str:
        if said.get("never"):
            return FAIL
        if not _is_known(said):
            return INFO
        if f in ("sign", "check in"):
            closed = not said["text"] or "You have signed" in said["text"]
            return OK if closed and not said.get("errors") else FAIL
        return OK if DONE[f].search(said["text"]) else FAIL

    def _named(self, f: str, value: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        number = _number(said["text"]) if f in ("raise", "lock", "take") else None
        return (
            value
            | ({"about": number} if number is not None else {})
            | {"said": said["text"][:200], "delivery": said.get("delivery")}
            | ({"never": True} if said.get("never") else {})
        )


def _is_known(said: dict[str, Any]) -> bool:
    if said.get("never"):
        return True
    text = said["text"]
    return (
        bool(said["ok"] or said.get("errors")) and STILL not in text and not any(word in text for word in NOBODY_KNOWS)
    )


def _number(text: str) -> int | None:
    found = NUMBER.search(text)
    return int(found[1]) if found else None
