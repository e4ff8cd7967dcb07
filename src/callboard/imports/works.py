"""Tasks and gates of a file as those of a plan."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.imports import frame, lists, sheet
from callboard.imports.drafts import DECISION, Item, Sheet
from callboard.imports.frame import Body, Imported
from callboard.imports.seats import Seats
from callboard.planfile.header import HEADER
from callboard.planfile.notations import NO_YEAR
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document, Path, Sections
from callboard.planfile.times import show_span
from callboard.planfile.yaml_writer import line, lines
from callboard.runbooks.plan.documents import files
from callboard.runbooks.plan.documents.drafts import Said

TITLE, NOTE, CRITERION, MOST = 140, 2500, 300, 1000
_TEAM = re.compile(r"(?:team (?P<a>[\w &/-]{1,40})|(?P<b>[\w &/-]{1,40}?) team)", re.IGNORECASE)
_NUMBER = re.compile(r"#?\d[\d.]*")
NONE = "No task is in this file: I look for lists, boxes to tick, and tables with a column Task, Title or Milestone."


def imported(
    content: bytes, file: str, sections: Sections, *, today: date, document: Document | None = None
) -> Imported:
    """The tasks and gates in a file, for the plan of `document`. Raises Refused where it has none."""
    words, draft, seats = files.text(content), Sheet(), Seats(document)
    if files.is_sheet(file, words):
        rows = files.rows(words)
        sheet.read(rows, draft, last=len(words.rstrip("\n").split("\n")))
    else:
        lists.read(words, draft, seats.crew.names())
    draft.items.sort(key=lambda item: item.line)
    if not draft.items:
        raise Refused(NONE)
    if len(draft.items) > MOST:
        raise Refused(f"It has {len(draft.items):,} tasks, and at most {MOST:,} are taken at once: split the file.")
    work = _Works(draft, seats, today, document)
    parts = work.parts()
    title = PurePath(file).stem.replace("_", " ").replace("-", " ")
    base = dict(document.body) if document else frame.around(title, work.first)
    if document is None:
        base["to"] = str(max(date.fromisoformat(base["to"]), work.last))
    kept, body = frame.fitted(base, parts, sections, draft, work.line)
    work.tell(kept)
    draft.verdicts.sort(key=lambda each: (each.line, each.kind not in ("task", "gate")))
    told = ", ".join(
        counted(len(kept[word]), one) for word, one in (("tasks", "task"), ("gates", "gate")) if kept.get(word)
    )
    return Imported(kept if document else body, body, draft, told or "Nothing")


class _Works:
    """The tasks and gates of a plan, while they are made."""

    def __init__(self, draft: Sheet, seats: Seats, today: date, document: Document | None) -> None:
        self.draft, self.seats, self.today, self.document = draft, seats, today, document
        header = document.of(HEADER) if document else None
        self.zone = ZoneInfo(str(document.body.get("timezone", "UTC"))) if document and header else ZoneInfo("UTC")
        self.days = [self.day(item.due) for item in draft.items if item.due and item.due.day]
        self.first, self.last = min([today, *self.days]), max([today, *self.days])
        taken = frame.taken(document) | {"coordinator"}
        self.keys: dict[int, str] = {}
        for number, item in enumerate(draft.items):
            wanted = (
                slug(item.title)
                if not item.key
                else f"task-{slug(item.key)}"
                if _NUMBER.fullmatch(item.key)
                else item.key
            )
            key = re.sub(r"[^\w.-]+", "-", wanted).strip("-.") or "task"
            self.keys[number] = fresh = frame.fresh(key, taken)
            taken.add(fresh)
            if item.key and fresh != key:
                draft.tell(item.line, "not taken", f"the id `{key}`, which something else has: this is `{fresh}`")
        seats.take(taken)

    def parts(self) -> Body:
        """The sections, and whoever they need."""
        tasks: Body = {}
        gates: Body = {}
        for number, item in enumerate(self.draft.items):
            (gates if item.gate else tasks)[self.keys[number]] = (
                self.gate(number, item) if item.gate else self.task(number, item)
            )
        if self.document is None and not self.seats.teams:
            self.seats.team(["Team"])
        return {"tasks": tasks, "gates": gates, "people": self.seats.people, "teams": self.seats.teams}

    def task(self, number: int, item: Item) -> Body:
        team, people = self.owners(item)
        made: Body = {"title": line(item.title, TITLE) or f"Task {number + 1}", "team": team}
        made |= {"assignees": people} if people else {}
        made |= {"priority": item.priority} if item.priority else {}
        made |= self.due(item)
        if item.estimate:
            least, most = map(show_span, item.estimate)
            made["estimate"] = most if least == most else f"{least}-{most}"
        made |= {"status": item.status} if item.status not in ("", "not started") else {}
        made |= {"percent": item.percent} if item.percent and item.status == "in progress" else {}
        made |= self.needs(number, item)
        made |= self.criteria(item)
        note = lines("\n".join([*([f"Part: {item.group}"] if item.group else []), *item.notes]), NOTE)
        return made | ({"note": note} if note else {})

    def gate(self, number: int, item: Item) -> Body:
        name = line(item.title, TITLE) or f"Gate {number + 1}"
        team, people = self.owners(item, asked=bool(item.owners or item.team))
        made: Body = {"name": name} | self.due(item) | self.needs(number, item)
        made |= self.criteria(item) or {"criteria": [line(f"{name}: reached", CRITERION)]}
        if people:
            made["sign_off"] = [{"person": person} for person in people]
        elif team:
            made["sign_off"] = [{"lead_of": team}]
        if DECISION.search(item.title):
            made["decision"] = True
        if item.status == "completed":
            self.draft.tell(item.line, "not taken", "it is done in the file: who passes a gate signs it in Slack")
        about = line("; ".join([*([item.group] if item.group else []), *item.notes]), NOTE)
        return made | ({"about": about} if about else {})

    def owners(self, item: Item, *, asked: bool = True) -> tuple[str, list[str]]:
        """The team and the people who have it: of its column, its heading or its people, else the first team."""
        team = self.team(item.team) or self.team(_of_heading(item.group) or (item.group if self.document else ""))
        if item.team and not team:
            self.draft.unclear(item, "Team", item.team, "no team of the plan")
        people: list[str] = []
        for word in item.owners:
            if found := self.team(word, new=False):
                team = team or found
            elif person := self.somebody(word):
                people.append(person)
            else:
                self.draft.unclear(item, "Owner", word, f"nobody: {self.seats.crew.hint(word)}")
        team = team or next((each for person in people for each in self.teams_of(person)), "")
        if not team and asked:
            team = next(
                iter(self.document.keys("teams") if self.document else self.seats.teams), ""
            ) or self.seats.team(["Team"])
            if not people:
                self.draft.tell(item.line, "not understood", f"nobody is named: `{team}` has it")
        if self.document is None and team:
            members = self.seats.teams[team].setdefault("members", [])
            members += [person for person in people if person not in members]
        return team, list(dict.fromkeys(people))

    def team(self, word: str, *, new: bool = True) -> str:
        if not word:
            return ""
        if self.document is not None:
            return self.seats.crew.team(word)
        return self.seats.team([word]) if new or _TEAM.fullmatch(word.strip()) else self.seats.named(word)

    def somebody(self, word: str) -> str:
        """A person by a word; without a plan a vacant seat."""
        if self.document is None:
            return self.seats.seat([word])
        found = self.seats.known([word])
        return found if found in self.document.keys("people") else ""

    def teams_of(self, person: str) -> list[str]:
        written = self.document.body.get("teams") if self.document else None
        return [
            key for key, team in (written or {}).items()
            if isinstance(team, dict) and person in _many(team.get("lead")) + _many(team.get("members"))
        ]  # fmt: skip

    def due(self, item: Item) -> Body:
        if not item.due or not item.due.day:
            return {}
        day = self.day(item.due)
        if not item.due.clock:
            return {"due": str(day)}
        at = datetime.combine(day, item.due.clock)
        if item.due.zone:
            with suppress(ValueError, OverflowError):
                at = at.replace(tzinfo=ZoneInfo(item.due.zone)).astimezone(self.zone)
        return {"due": f"{at:%Y-%m-%d %H:%M}"}

    def day(self, said: Said) -> date:
        """The day of a moment; without a year the next such day."""
        day = said.day or self.today
        if day.year != NO_YEAR:
            return day
        for year in range(self.today.year, self.today.year + 5):
            with suppress(ValueError):
                if (found := day.replace(year=year)) >= self.today:
                    return found
        return self.today

    def needs(self, number: int, item: Item) -> Body:
        """What it waits for, by the ids or titles that the file names."""
        known = {word.lower(): key for at, key in reversed(self.keys.items()) for word in self.words(at)}
        made: list[str] = []
        for word in item.needs:
            key = known.get(word.lower().strip(" #"), known.get(slug(word), ""))
            if key and key != self.keys[number]:
                made += [key] if key not in made else []
            else:
                self.draft.unclear(item, "After", word, "no other task here")
        return {"needs": made} if made else {}

    def words(self, number: int) -> list[str]:
        item = self.draft.items[number]
        return [item.title, slug(item.title), self.keys[number], *([item.key.strip(" #")] if item.key else [])]

    def criteria(self, item: Item) -> Body:
        made: dict[str, str] = {}
        for text in item.criteria:
            if words := line(text, CRITERION):
                made.setdefault(slug(words), words)
        return {"criteria": list(made.values())} if made else {}

    def line(self, path: Path) -> int:
        """The line of the file that an entry of the plan comes from."""
        key = str(path[1]) if len(path) > 1 else ""
        return next((self.draft.items[at].line for at, own in self.keys.items() if own == key), 1)

    def tell(self, kept: Body) -> None:
        """Tell what became of each item."""
        for number, item in enumerate(self.draft.items):
            kind, key = ("gate" if item.gate else "task"), self.keys[number]
            made: Any = kept.get(f"{kind}s", {}).get(key)
            if not isinstance(made, dict):
                self.draft.tell(item.line, "left out", item.title[:100], item.last)
                continue
            words = [f"`{key}` {made.get('title') or made.get('name')}", *(f"{word} {_shown(made[word])}" for word in
                     ("team", "assignees", "due", "status", "needs", "sign_off") if word in made)]  # fmt: skip
            self.draft.tell(item.line, kind, ", ".join(words), item.last)


def _of_heading(text: str) -> str:
    """The team that a heading names: `Backend team`, `Team Web`."""
    found = _TEAM.fullmatch(text.strip())
    return (found["a"] or found["b"]) if found else ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(_shown, value))
    return " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def _many(written: Any) -> list[str]:
    return [str(each) for each in written] if isinstance(written, list) else [str(written)] if written else []
