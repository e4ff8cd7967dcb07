"""A run-book of a document as the values of a plan file that `callboard check` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callboard.core.errors import Refused
from callboard.planfile import check
from callboard.planfile.header import HEADER
from callboard.planfile.paths import slug, unused
from callboard.planfile.sections import Problem, Sections
from callboard.planfile.times import show_span
from callboard.planfile.yaml_reader import OWN
from callboard.planfile.yaml_writer import line, lines
from callboard.runbooks.plan.documents.drafts import Draft, Rollback, Step
from callboard.runbooks.plan.documents.owners import EVERYONE, Crew, Leader, shown
from callboard.runbooks.plan.documents.parts import BACK
from callboard.runbooks.plan.documents.schedule import Schedule, moved, takes

Body = dict[str, Any]
WAY_BACK, BEFORE, BEHIND, AHEAD = timedelta(minutes=30), timedelta(days=7), timedelta(days=2), timedelta(days=14)
"""The time for a way back where none is written; a plan around a run-book, and when it is where no day is."""
NOTE, LINE, SENTENCE, TITLE, NAME, KEY = 2500, 500, 1000, 140, 100, 50
ROUNDS = 6
_NUMBER = re.compile(r"(?:step|task|id|no\.?|row)?[ #]*([\w.-]+)", re.IGNORECASE)
_RELATION = re.compile(r"[fs][fs] ?(?:[+-].{0,20})?$")


@dataclass(frozen=True)
class Imported:
    """The sections that come of a document, the plan that they are in, and the key of the run-book."""

    key: str
    sections: Body
    body: Body
    draft: Draft


def make(draft: Draft, crew: Crew, sections: Sections, *, name: str, today: date, day: date | None = None) -> Imported:
    """What a draft says as values of a plan; what the check refuses there goes into notes, and is told."""
    work = _Section(draft, crew, name, today, day)
    base = dict(crew.document.body) if crew.document else work.plan()
    key = work.key(base)
    errors: list[Problem] = []
    for _ in range(ROUNDS):
        made: Body = {"runbooks": {key: work.runbook}} | ({"rollbacks": work.ways} if work.ways else {})
        body = base | {word: {**(base.get(word) or {}), **entries} for word, entries in made.items()}
        errors = [problem for problem in check.check_body(body, "", sections).errors if work.owns(problem, key)]
        if not errors:
            work.tell_steps()
            return Imported(key, made, body, draft)
        for problem in errors:
            work.mend(problem)
    raise Refused("\n".join(["This run-book does not fit into the plan:", *(problem.sentence for problem in errors)]))


class _Section:
    """The values of a run-book and its ways back, while they are made."""

    def __init__(self, draft: Draft, crew: Crew, name: str, today: date, day: date | None) -> None:
        self.draft, self.crew, self.today = draft, crew, today
        self.name = line(name or draft.name, NAME) or "Run-book"
        self.schedule = Schedule(draft, crew.document.of(HEADER) if crew.document else None, today, day)
        self.default: Leader = crew.default(draft.owners)
        taken = set(crew.document.keys("rollbacks")) if crew.document else set()
        self.ways: Body = {}
        for way in draft.rollbacks:
            key = _key(slug(way.name), {*taken, *self.ways})
            self.ways[key] = self.way(way, key)
        self.runbook = self.make_runbook()

    # Steps

    def make_runbook(self) -> Body:
        several = len({step.group for step in self.draft.steps if step.group}) > 1
        steps = [self.step(number, several=several) for number in range(len(self.draft.steps))]
        self.name_apart(steps)
        self.needs(steps)
        told = {"about": line(self.draft.about, LINE), "channel": self.draft.channel.lower()}
        day = {"day": str(self.schedule.first)} if self.schedule.first else {}
        return {"name": self.name, **{word: text for word, text in told.items() if text}, **day, "steps": steps}

    def step(self, number: int, *, several: bool) -> Body:
        step = self.draft.steps[number]
        made: Body = {"title": line(step.title, TITLE) or f"Step {number + 1}"}
        if at := self.schedule.at(number):
            made["at"] = at
        if length := takes(step):
            least, most = map(show_span, length)
            made["takes"] = most if least == most else f"{least}-{most}"
        leaders = self.leaders(step)
        made["lead"] = leaders[0] if len(leaders) == 1 else leaders
        self.beside(step, made, leaders)
        if items := list(dict.fromkeys(filter(None, (line(item, LINE) for item in step.items)))):
            made["items"] = items
        if step.failure:
            said = line("; ".join(step.failure), SENTENCE)
            made["if_failed"] = {"rollback": next(iter(self.ways))} if len(self.ways) == 1 and BACK.search(said) else {}
            made["if_failed"]["say"] = said
        part = [f"Part: {step.group}"] if several and step.group else []
        if note := lines("\n".join([*part, *step.notes]), NOTE):
            made["note"] = note
        return made

    def leaders(self, step: Step) -> list[Leader]:
        made: list[Leader] = []
        for word in step.owners:
            if word == EVERYONE:
                found: list[Leader] = [*self.crew.known()]
            elif leader := self.crew.leader(word):
                found = [leader]
            else:
                found = []
                self.draft.tell(step.line, "not understood", self.crew.hint(word))
            made += [each for each in found if each not in made]
        return made or [self.default]

    def beside(self, step: Step, made: Body, leaders: list[Leader]) -> None:
        """Who helps, and what other teams do meanwhile; of those who are no team it goes into items and notes."""
        teams = [self.crew.team(word) for word in step.helpers]
        step.notes += [f"With {word}" for word, team in zip(step.helpers, teams, strict=True) if not team]
        if helping := list(dict.fromkeys(filter(None, teams))):
            made["with"] = helping
        meanwhile: dict[str, list[str]] = {}
        for word, actions in step.meanwhile.items():
            leading, team = self.crew.leader(word), self.crew.team(word)
            if team and leading not in leaders:
                meanwhile.setdefault(team, []).extend(line(action, LINE) for action in actions)
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
                made["title"] = line(f"{group}: {made['title']}", TITLE)
            key = _key(slug(made["title"]), taken)
            if key != slug(made["title"]):
                steps[number] = {"id": key} | made
            taken.add(key)

    def needs(self, steps: list[Body]) -> None:
        """Whom each step waits for, by the numbers or titles that the document names."""
        drafts = list(enumerate(self.draft.steps))
        numbers = {slug(step.title): number for number, step in drafts}
        numbers |= {_number(step.number): number for number, step in reversed(drafts) if step.number}
        for number, step in drafts:
            for word in step.needs:
                other = numbers.get(_number(word), numbers.get(slug(word)))
                if other is None or other >= number:
                    why = "no step is called so" if other is None else "it comes later"
                    self.draft.tell(step.line, "not understood", f"depends on `{word}`: {why}")
                    self.note(number, f"After: {word}", steps)
                    continue
                key = str(steps[other].get("id") or slug(steps[other]["title"]))
                steps[other] = {"id": key} | steps[other]
                if key not in (wanted := steps[number].setdefault("needs", [])):
                    wanted.append(key)

    def way(self, way: Rollback, key: str) -> Body:
        if way.within is None:
            words = f"no time limit is written for `{key}`: {show_span(WAY_BACK)} taken, change `within`"
            self.draft.tell(way.line, "time limit", words)
        made: Body = {"name": line(way.name, NAME), "within": show_span(way.within or WAY_BACK)}
        made |= {word: line(text, 300) for word, text in (("scope", way.scope), ("impact", way.impact)) if text}
        leaders = [leader for word in way.owners if word != EVERYONE and (leader := self.crew.leader(word))]
        made |= {"lead": list(map(shown, leaders))} if leaders else {}
        steps = list(filter(None, (line(step, LINE) for step in way.steps)))
        return made | ({"steps": steps} if steps else {})

    # The plan

    def key(self, base: Mapping[str, Any]) -> str:
        wanted = slug(self.name)[:KEY].strip("-")
        if wanted in (base.get("runbooks") or {}):
            raise Refused(f"The plan has a run-book `{wanted}` already: take it out first, or choose another --name.")
        taken = {str(key) for section in base.values() if isinstance(section, dict) for key in section}
        return _key(f"{wanted}-run" if wanted in taken else wanted, taken)

    def plan(self) -> Body:
        """A whole plan around a run-book, with a vacant seat for each lead."""
        first = self.schedule.first or moved(self.today, AHEAD)
        people: Body = {"coordinator": {"name": "Coordinator", "roles": ["coordinator"], "vacant": True}}
        teams: Body = {}
        for key, name in (self.crew.made or {"team": "Team"}).items():
            lead = _key(f"{key}-lead", {*self.crew.made, *people})
            teams[key] = {"name": line(name, 60), "lead": lead}
            people[lead] = {"name": f"Lead of {line(name, 60)}", "vacant": True}
        return {
            "callboard": 1, "key": f"{slug(self.name)[:20].strip('-')}-plan", "name": self.name,
            "timezone": self.schedule.zone.key, "from": str(moved(first, -BEFORE)),
            "to": str(moved(max([first, *self.schedule.days]), BEHIND)),
            "channels": {"coordination": "#coordination"}, "teams": teams, "people": people,
        }  # fmt: skip

    # What the check refuses

    def owns(self, problem: Problem, key: str) -> bool:
        """Whether a problem comes of what is imported."""
        section, *inner = problem.path or ("",)
        return (
            not section
            or (section == "runbooks" and inner[:1] == [key])
            or (section == "rollbacks" and inner[:1] != [] and inner[0] in self.ways)
        )

    def mend(self, problem: Problem) -> None:
        """Take out what the check refuses, and tell of it."""
        sentence = problem.sentence.partition(": ")[2] or problem.sentence
        match problem.path:
            case ("rollbacks", way, word, *_):
                self.ways[str(way)].pop(str(word), None)
                self.draft.tell(1, "not taken", f"`{word}` of the rollback `{way}`, as {sentence}")
            case (_, _, "steps", int(number), str(word), *_):
                lost = self.runbook["steps"][number].pop(word, None)
                if word == "lead":
                    self.runbook["steps"][number]["lead"] = {"role": "coordinator"}
                self.draft.tell(self.draft.steps[number].line, "not taken", f"`{word}: {lost}`, as {sentence}")
                self.note(number, f"{word}: {lost}" if lost is not None else "", self.runbook["steps"])
            case (_, _, "steps", int(number)):
                for other, step in enumerate(self.runbook["steps"]):
                    self.note(other, f"at: {step.pop('at')}" if "at" in step else "", self.runbook["steps"])
                self.draft.tell(self.draft.steps[number].line, "not taken", f"the times of all steps, as {sentence}")
            case (_, _, str(word), *_) if word != "steps":
                self.runbook.pop(word, None)
                self.draft.tell(1, "not taken", f"`{word}`, as {sentence}")

    def note(self, number: int, words: str, steps: list[Body]) -> None:
        """Keep what a plan file cannot say in the note of a step."""
        if words:
            steps[number]["note"] = lines("\n".join([steps[number].get("note", ""), words]), NOTE)

    def tell_steps(self) -> None:
        """Tell what became of each line that is a step."""
        for step, made in zip(self.draft.steps, self.runbook["steps"], strict=True):
            leaders = made["lead"] if isinstance(made["lead"], list) else [made["lead"]]
            assumed = "" if step.owners else " (nobody is named)"
            words = [
                made["title"],
                f"at {made['at']}" if "at" in made else "",
                f"takes {made['takes']}" if "takes" in made else "",
            ]
            self.draft.tell(
                step.line,
                "step",
                ", ".join([*filter(None, words), f"led by {', '.join(map(shown, leaders))}{assumed}"]),
            )
        self.draft.verdicts.sort(key=lambda each: (each.line, each.kind != "step"))


def _key(wanted: str, taken: set[str]) -> str:
    return unused(f"the-{wanted}" if wanted.startswith(OWN) else wanted, taken)


def _number(word: str) -> str:
    """The number by which a row names another: `3`, `#3`, `Step 3`, `3FS`."""
    found = _NUMBER.fullmatch(_RELATION.sub("", word.strip().lower()))
    return (found[1] if found else word).lower().strip(". ")
