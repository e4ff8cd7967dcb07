"""A run-book of a document as the values of a plan file that `callboard check` takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callboard.core.errors import Refused
from callboard.planfile import check
from callboard.planfile.header import HEADER
from callboard.planfile.paths import slug
from callboard.planfile.sections import Problem, Sections
from callboard.planfile.times import show_span
from callboard.planfile.yaml_reader import OWN
from callboard.planfile.yaml_writer import UNSAFE
from callboard.runbooks.plan.documents.drafts import Draft, Said, Step
from callboard.runbooks.plan.documents.moments import NO_YEAR
from callboard.runbooks.plan.documents.owners import EVERYONE, Crew, Leader, shown

Body = dict[str, Any]
WAY_BACK = timedelta(minutes=30)
NEXT_DAY = timedelta(hours=8)
"""A clock that goes back as far as this has passed midnight."""
NOTE, TITLE, NAME = 2500, 140, 100
ROUNDS = 6


@dataclass(frozen=True)
class Imported:
    """The sections that come of a document, the plan that they are in, and the key of the run-book."""

    key: str
    sections: Body
    body: Body
    draft: Draft


def make(draft: Draft, crew: Crew, sections: Sections, *, name: str, today: date, day: date | None = None) -> Imported:
    """What a draft says as values of a plan; what the check refuses there goes into notes, and is told."""
    work = _Making(draft, crew, name, today, day)
    runbook = work.runbook()
    base = dict(crew.document.body) if crew.document else work.plan()
    key = work.key(base)
    ways = {work.ways[number]: work.way(number) for number in range(len(draft.rollbacks))}
    for _ in range(ROUNDS):
        made: Body = {"runbooks": {key: runbook}} | ({"rollbacks": ways} if ways else {})
        body = base | {word: {**(base.get(word) or {}), **entries} for word, entries in made.items()}
        errors = [problem for problem in check.check_body(body, "", sections).errors if _ours(problem, key, ways)]
        if not errors:
            work.told(runbook)
            return Imported(key, made, body, draft)
        for problem in errors:
            work.mend(runbook, ways, problem)
    raise Refused("\n".join(["This run-book does not fit into the plan:", *(problem.sentence for problem in errors)]))


def _ours(problem: Problem, key: str, ways: Mapping[str, Any]) -> bool:
    path = problem.path
    return (
        path[:2] == ("runbooks", key) or (path[:1] == ("rollbacks",) and len(path) > 1 and path[1] in ways) or not path
    )


class _Making:
    def __init__(self, draft: Draft, crew: Crew, name: str, today: date, day: date | None) -> None:
        self.draft, self.crew, self.today = draft, crew, today
        self.name = _line(name or draft.name or "Run-book", NAME)
        self.header = crew.document.of(HEADER) if crew.document else None
        self.zone = self.header.timezone if self.header else ZoneInfo(self._usual_zone())
        self.days(day)
        taken = set(crew.document.keys("rollbacks")) if crew.document else set()
        self.ways: list[str] = []
        for way in draft.rollbacks:
            self.ways.append(_free(slug(way.name), taken))
            taken.add(self.ways[-1])
        self.default: Leader = crew.default(draft.owners)
        self.at: dict[int, str] = {}

    def _usual_zone(self) -> str:
        zones = Counter(step.said.zone for step in self.draft.steps if step.said and step.said.zone)
        return zones.most_common(1)[0][0] if zones else "UTC"

    # Days and times

    def days(self, wanted: date | None) -> None:
        """Give every day its year, and move all of them where another first day is wanted."""
        said = [step.said.day for step in self.draft.steps if step.said and step.said.day]
        every = [*said, *([self.draft.day] if self.draft.day else [])]
        years = [*(each.year for each in every if each.year != NO_YEAR), *self.draft.years]
        dated = {each: self._year(each, years) for each in every}
        self.first = min((dated[each] for each in said), default=dated.get(self.draft.day) if self.draft.day else None)
        assumed = sorted({str(dated[each].year) for each in every if each.year == NO_YEAR and not years})
        if assumed and not wanted:
            line = next((step.line for step in self.draft.steps if step.said and step.said.day), 1)
            self.draft.tell(
                line, "year", f"no year is written: {', '.join(assumed)} taken; --day DATE gives another first day"
            )
        shift = wanted - self.first if wanted and self.first else timedelta()
        self.first = wanted or self.first
        for step in self.draft.steps:
            if step.said and step.said.day:
                step.said = replace(step.said, day=_moved(dated[step.said.day], shift))
        self._one_zone()
        self._sort()

    def _year(self, day: date, years: list[int]) -> date:
        if day.year != NO_YEAR:
            return day
        begin = self.header.from_.day if self.header and hasattr(self.header.from_, "day") else self.today
        candidates = years[:1] or [begin.year, begin.year + 1]
        made = [_with_year(day, year) for year in candidates]
        back = timedelta(days=31) if self.header else timedelta()
        return next((each for each in made if each >= begin - back), made[-1])

    def _one_zone(self) -> None:
        """Times of other zones as times of the plan, where their day is known."""
        day = self.first
        for step in self.draft.steps:
            said = step.said
            day = said.day if said and said.day else day
            if said and said.clock and said.zone and day:
                at = datetime.combine(day, said.clock, ZoneInfo(said.zone)).astimezone(self.zone)
                if said.zone != self.zone.key:
                    self.draft.tell(step.line, "zone", f"{said.clock:%H:%M} {said.zone} is {at:%H:%M} {self.zone.key}")
                length = _length(said)
                step.takes = step.takes or ((length, length) if length else None)
                step.said = replace(said, clock=at.time().replace(tzinfo=None), until=None, day=at.date(), zone="")

    def _sort(self) -> None:
        """Put steps in the order of their times; those without stay behind the one above."""
        keys: list[tuple[Any, ...]] = []
        day, last = self.first or date.min, timedelta(-1)
        for step in self.draft.steps:
            said = step.said
            if said and said.day and said.day != day:
                day, last = said.day, timedelta(-1)
            if said and said.offset is not None:
                last = said.offset
            elif said and said.clock:
                at = timedelta(hours=said.clock.hour, minutes=said.clock.minute)
                if last - at >= NEXT_DAY and day == (said.day or day):
                    day, last = _moved(day, timedelta(1)), timedelta(-1)
                    if day.year > NO_YEAR and said.day is None:
                        step.said = replace(said, day=day)
                last = at
            keys.append((day, last))
        order = sorted(range(len(keys)), key=lambda number: keys[number])
        if order != list(range(len(keys))):
            self.draft.tell(self.draft.steps[0].line, "order", "the steps are put in the order of their times")
            self.draft.steps[:] = [self.draft.steps[number] for number in order]

    def time(self, number: int, runbook_day: date | None) -> str:  # noqa: PLR0911
        """When a step is, as a plan file says it; empty where it comes after the one before."""
        step, said = self.draft.steps[number], self.draft.steps[number].said
        before = self.draft.steps[number - 1].said if number else None
        if said is None:
            return ""
        if said.offset is not None:
            gap = said.offset - before.offset if before and before.offset is not None else None
            if gap is None:
                if number:
                    self.lose(step, f"at T{'+' if said.offset >= timedelta() else '-'}{show_span(abs(said.offset))}")
                return ""
            return f"+{show_span(gap)}"
        if said.after is not None:
            return f"+{show_span(said.after)}" if number else ""
        if said.clock:
            zone = f" {said.zone}" if said.zone and said.zone != self.zone.key else ""
            clock = f"{said.clock:%H:%M}{zone}"
            own = said.day and said.day != runbook_day
            if not runbook_day and before and before.clock and before.clock > said.clock:
                return f"+{show_span(_apart(before.clock, said.clock))}"
            return f"{said.day} {clock}" if own else clock
        earlier = next(
            (each.said.day for each in reversed(self.draft.steps[:number]) if each.said and each.said.day), runbook_day
        )
        return str(said.day) if said.day and earlier and said.day > earlier else ""

    # Steps

    def runbook(self) -> Body:
        """The values of the run-book."""
        groups = {step.group for step in self.draft.steps if step.group}
        made: Body = {"name": self.name}
        if self.draft.about:
            made["about"] = _line(self.draft.about, 500)
        if self.first:
            made["day"] = str(self.first)
        if self.draft.channel:
            made["channel"] = self.draft.channel.lower()
        made["steps"] = [self.step(number, several=len(groups) > 1) for number in range(len(self.draft.steps))]
        self.name_apart(made["steps"])
        self.needs(made["steps"])
        return made

    def step(self, number: int, *, several: bool) -> Body:
        step = self.draft.steps[number]
        made: Body = {"title": _line(step.title, TITLE) or f"Step {number + 1}"}
        if at := self.time(number, self.first):
            made["at"] = at
        if length := step.takes or ((_length(step.said),) * 2 if step.said and _length(step.said) else None):
            least, most = show_span(length[0] or timedelta()), show_span(length[1] or timedelta())
            made["takes"] = most if least == most else f"{least}-{most}"
        leaders = self.leaders(step)
        made["lead"] = leaders[0] if len(leaders) == 1 else leaders
        self.beside(step, made)
        if step.items:
            made["items"] = list(dict.fromkeys(_line(item, 500) for item in step.items if _line(item, 500)))
        if step.failure:
            said = _line("; ".join(step.failure), 1000)
            one_way = len(self.ways) == 1 and re.search(r"roll(?:ing)?[- ]?back", said, re.IGNORECASE)
            made["if_failed"] = {"rollback": self.ways[0], "say": said} if one_way else {"say": said}
        notes = [f"Part: {step.group}"] if several and step.group else []
        if note := _text("\n".join([*notes, *step.notes])):
            made["note"] = note
        return made

    def leaders(self, step: Step) -> list[Leader]:
        made: list[Leader] = []
        for word in step.owners:
            found = self.crew.everyone() if word == EVERYONE else [each for each in [self.crew.leader(word)] if each]
            if not found and word != EVERYONE:
                self.draft.tell(step.line, "not understood", self.crew.hint(word))
            made += [each for each in found if each not in made]
        return made or [self.default]

    def beside(self, step: Step, made: Body) -> None:
        """Who helps, and what other teams do meanwhile; of those who are no team it goes into items and notes."""
        teams = [self.crew.team(word) for word in step.helpers]
        step.notes += [f"With {word}" for word, team in zip(step.helpers, teams, strict=True) if not team]
        if helping := list(dict.fromkeys(filter(None, teams))):
            made["with"] = helping
        meanwhile: dict[str, list[str]] = {}
        for word, actions in step.meanwhile.items():
            leading = self.crew.leader(word)
            if (team := self.crew.team(word)) and leading not in (
                made["lead"] if isinstance(made["lead"], list) else [made["lead"]]
            ):
                meanwhile.setdefault(team, []).extend(_line(action, 500) for action in actions)
            else:
                step.items += [action if leading else f"{word}: {action}" for action in actions]
        if meanwhile:
            made["meanwhile"] = meanwhile

    def name_apart(self, steps: list[Body]) -> None:
        """Two steps with one title: the later one is named by its group too, or gets a key."""
        taken: set[str] = set()
        for number, made in enumerate(steps):
            group = self.draft.steps[number].group
            if slug(made["title"]) in taken and group and slug(f"{group} {made['title']}") not in taken:
                made["title"] = _line(f"{group}: {made['title']}", TITLE)
            key = _free(slug(made["title"]), taken)
            if key != slug(made["title"]):
                steps[number] = {"id": key} | made
            taken.add(key)

    def needs(self, steps: list[Body]) -> None:
        keys = [str(made.get("id") or slug(made["title"])) for made in steps]
        numbers = {
            _number(step.number): number for number, step in reversed(list(enumerate(self.draft.steps))) if step.number
        }
        titles = {slug(step.title): number for number, step in enumerate(self.draft.steps)}
        for number, step in enumerate(self.draft.steps):
            found = []
            for word in step.needs:
                other = numbers.get(_number(word), titles.get(slug(word)))
                if other is None or other >= number:
                    why = "no step is called so" if other is None else "it comes later"
                    self.draft.tell(step.line, "not understood", f"depends on `{word}`: {why}")
                    steps[number]["note"] = _text("\n".join([f"After: {word}", steps[number].get("note", "")]))
                elif keys[other] not in found:
                    found.append(keys[other])
            if found:
                steps[number]["needs"] = found
                for other in (keys.index(key) for key in found):
                    if "id" not in steps[other]:
                        steps[other] = {"id": keys[other]} | steps[other]

    def way(self, number: int) -> Body:
        way = self.draft.rollbacks[number]
        if way.within is None:
            self.draft.tell(
                way.line, "time limit", f"none is written for `{self.ways[number]}`: 30m taken, change `within`"
            )
        made: Body = {"name": _line(way.name, NAME), "within": show_span(way.within or WAY_BACK)}
        made |= {word: _line(text, 300) for word, text in (("scope", way.scope), ("impact", way.impact)) if text}
        if steps := [_line(step, 500) for step in way.steps if _line(step, 500)]:
            made["steps"] = steps
        return made

    # The plan

    def key(self, base: Mapping[str, Any]) -> str:
        wanted, body = slug(self.name)[:50].strip("-"), base
        if wanted in (body.get("runbooks") or {}):
            raise Refused(f"The plan has a run-book `{wanted}` already: take it out first, or choose another --name.")
        taken = {str(key) for section in body.values() if isinstance(section, dict) for key in section}
        return _free(f"{wanted}-run" if wanted in taken else wanted, taken)

    def plan(self) -> Body:
        """A whole plan around a run-book, with a vacant seat for each lead."""
        first = self.first or self.today + timedelta(days=14)
        last = max([first, *(step.said.day for step in self.draft.steps if step.said and step.said.day)])
        people: Body = {"coordinator": {"name": "Coordinator", "roles": ["coordinator"], "vacant": True}}
        teams: Body = {}
        for key, name in (self.crew.made or {"team": "Team"}).items():
            lead = _free(f"{key}-lead", {*self.crew.made, *people})
            teams[key] = {"name": _line(name, 60), "lead": lead}
            people[lead] = {"name": f"Lead of {_line(name, 60)}", "vacant": True}
        return {
            "callboard": 1, "key": f"{slug(self.name)[:20].strip('-')}-plan", "name": self.name, "timezone": self.zone.key,  # noqa: E501
            "from": str(_moved(first, timedelta(-7))), "to": str(_moved(last, timedelta(2))),
            "channels": {"coordination": "#coordination"}, "teams": teams, "people": people,
        }  # fmt: skip

    def mend(self, runbook: Body, ways: Body, problem: Problem) -> None:
        """Take out what the check refuses, and tell of it."""
        path, steps = problem.path, runbook["steps"]
        number = int(path[3]) if path[2:3] == ("steps",) and len(path) > 3 else 0  # noqa: PLR2004
        sentence = problem.sentence.partition(": ")[2] or problem.sentence
        if path[:1] == ("rollbacks",) and len(path) > 2:  # noqa: PLR2004
            ways[str(path[1])].pop(str(path[2]), None)
        elif len(path) > 4 and path[2] == "steps":  # noqa: PLR2004
            word = str(path[4])
            lost = steps[number].pop(word, None)
            if word == "lead":
                steps[number]["lead"] = {"role": "coordinator"}
            self.draft.tell(self.draft.steps[number].line, "not taken", f"`{word}: {lost}`, as {sentence}")
            if lost is not None:
                steps[number]["note"] = _text("\n".join([steps[number].get("note", ""), f"{word}: {lost}"]))
        elif len(path) == 4 and path[2] == "steps":  # noqa: PLR2004
            for made in steps:
                if at := made.pop("at", None):
                    made["note"] = _text("\n".join([made.get("note", ""), f"at: {at}"]))
            self.draft.tell(self.draft.steps[number].line, "not taken", f"the times of all steps, as {sentence}")
        elif len(path) > 2 and path[2] != "steps":  # noqa: PLR2004
            runbook.pop(str(path[2]), None)
            self.draft.tell(1, "not taken", f"`{path[2]}`, as {sentence}")

    def lose(self, step: Step, words: str) -> None:
        """Keep what a plan file cannot say in the note of a step, and tell of it."""
        step.notes.append(words)
        self.draft.tell(step.line, "not taken", f"{words}: the step before it has no such time")

    def told(self, runbook: Body) -> None:
        """Tell what became of each line that is a step."""
        for step, made in zip(self.draft.steps, runbook["steps"], strict=True):
            leaders = made["lead"] if isinstance(made["lead"], list) else [made["lead"]]
            words = [
                made["title"],
                *([f"at {made['at']}"] if "at" in made else []),
                f"led by {', '.join(map(shown, leaders))}",
            ]
            words += [f"takes {made['takes']}"] if "takes" in made else []
            assumed = " (nobody is named)" if not step.owners else ""
            self.draft.tell(step.line, "step", ", ".join(words) + assumed)
        order = {"step": 0}
        self.draft.verdicts.sort(key=lambda each: (each.line, order.get(each.kind, 1)))


def _line(text: str, most: int) -> str:
    """A text in one line that a plan file can say."""
    return " ".join(UNSAFE.sub(" ", text).split())[:most].strip()


def _text(text: str) -> str:
    lines = (UNSAFE.sub(" ", line.replace("\t", "    ")).rstrip() for line in text.split("\n"))
    return "\n".join(lines).strip()[:NOTE].rstrip()


def _free(key: str, taken: set[str]) -> str:
    number = 2
    own = key = f"the-{key}" if key.startswith(OWN) else key
    while own in taken:
        own, number = f"{key[:54]}-{number}", number + 1
    return own


def _number(word: str) -> str:
    """The number by which a row names another: `3`, `#3`, `Step 3`, `3FS`."""
    found = re.fullmatch(
        r"(?:step|task|id|no\.?|row)?\s*#?\s*([\w.-]+?)(?:[FS][FS](?:\s*[+-].*)?)?", word.strip(), re.IGNORECASE
    )
    return (found[1] if found else word).lower().strip(". ")


def _length(said: Said | None) -> timedelta | None:
    if not said or not said.clock or not said.until or said.until == said.clock:
        return None
    return _apart(said.clock, said.until)


def _apart(first: Any, last: Any) -> timedelta:
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    return timedelta(minutes=minutes % 1440)


def _moved(day: date, shift: timedelta) -> date:
    try:
        return day + shift
    except OverflowError:
        return day


def _with_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
