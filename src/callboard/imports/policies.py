"""Escalation chains of other programs as the policies of a plan."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.imports import chains, frame, values
from callboard.imports.chains.ladder import Chain, Known, Rung, Target
from callboard.imports.frame import Body, Imported
from callboard.imports.seats import Seats, called
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document, Path, Sections
from callboard.planfile.times import show_span
from callboard.planfile.types import ON_CALL
from callboard.planfile.yaml_writer import line
from callboard.runbooks.plan.documents.drafts import Draft

MOST, MOST_STEPS, MOST_REPEATS, LEVEL = 500, 20, 20, 60


def imported(
    content: bytes, name: str, sections: Sections, *, today: date, document: Document | None = None
) -> Imported:
    """The policies in a file, for the plan of `document`. Raises Refused where it has none."""
    draft = Draft()
    root = values.read(content)
    program, found, known = chains.read(root, draft)
    if len(found) > MOST:
        raise Refused(f"It has {len(found):,} escalations, and at most {MOST} are taken at once: split the file.")
    work = _Policies(Seats(document), known, draft)
    made: Body = {}
    taken = frame.taken(document)
    lines: dict[str, Chain] = {}
    for chain in found:
        key = frame.fresh(slug(chain.name), {*taken, *made})
        if policy := work.policy(chain, key):
            made[key], lines[key] = policy, chain
    if not made:
        raise Refused(f"Nobody is told by the {counted(len(found), 'escalation')} of {program} in this file.")
    base = dict(document.body) if document else frame.around(PurePath(name).stem, today)
    parts: Body = {"escalation": made, "people": work.seats.people, "teams": work.seats.teams}
    if document is None and not work.seats.teams:
        work.seats.team(["Team"])

    def at(path: Path) -> int:
        chain = lines.get(str(path[1])) if len(path) > 1 else None
        return chain.line if chain else 1

    kept, body = frame.fitted(base, parts, sections, draft, at)
    for entry, called_so in known.used.items():
        draft.tell(entry.line, "known", called_so, entry.last)
    _tell_rest(root, draft)
    draft.verdicts.sort(key=lambda each: (each.line, each.kind != "policy"))
    told = f"{counted(len(made), 'policy', 'policies')} of {program}"
    return Imported(kept if document else body, body, draft, told)


class _Policies:
    """The policies of a plan, while they are made."""

    def __init__(self, seats: Seats, known: Known, draft: Draft) -> None:
        self.seats, self.known, self.draft = seats, known, draft

    def policy(self, chain: Chain, key: str) -> Body:
        """One chain as a policy; empty where it tells nobody."""
        rungs = [rung for rung in chain.rungs if rung.targets]
        for rung in chain.rungs:
            if not rung.targets:
                self.draft.tell(rung.line, "left out", "nobody is told at this step", rung.last)
        if not rungs:
            self.draft.tell(chain.line, "left out", f"`{chain.name}` tells nobody", chain.last)
            return {}
        self.draft.tell(chain.line, "policy", f"`{key}`, {counted(len(rungs), 'step')}, for {chain.name}", chain.last)
        steps, due = list[Body](), timedelta()
        for rung in rungs:
            steps.append(self.step(rung, due))
            due = rung.after + (rung.within or timedelta())
        return {"steps": self.again(chain, rungs, steps)}

    def step(self, rung: Rung, due: timedelta) -> Body:
        """One step; `after` is written where the steps before do not say it."""
        who = [each for target in rung.targets for each in self.target(target, rung)]
        notify = [each for number, each in enumerate(who) if each not in who[:number]]
        names = list(dict.fromkeys(_name(target, self.known) for target in rung.targets))
        level = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        made: Body = {"level": line(level, LEVEL) or "Step", "notify": notify}
        if rung.after != due:
            made["after"] = show_span(rung.after)
        if rung.within:
            made["respond_within"] = show_span(rung.within)
        shown = ", ".join(_shown(each) for each in notify)
        within = f", {made['respond_within']} to respond" if rung.within else ""
        self.draft.tell(rung.line, "step", f"{show_span(rung.after)} after the opening: {shown}{within}", rung.last)
        return made

    def target(self, target: Target, rung: Rung) -> list[Any]:
        """Whom a target means, as a plan says it."""
        words, before = self.known.all_of(target.words), len(self.seats.people)
        match target.kind:
            case "channel":
                channels = self.seats.document.body.get("channels") if self.seats.document else None
                return [str((channels or {}).get("coordination") or "#coordination")]
            case "schedule":
                return self.schedule(words, rung)
            case "team":
                found = self.seats.team(words)
            case _:
                found = self.seats.person(words)
        if len(self.seats.people) > before:
            why = "nobody in the plan is called so" if self.seats.document else "fill it"
            seat = self.seats.teams[found]["lead"] if found in self.seats.teams else found
            self.draft.tell(rung.line, "vacant", f"`{seat}` for {called(words) or 'somebody'}: {why}")
        return [found]

    def schedule(self, words: list[str], rung: Rung) -> list[Any]:
        """Whom a schedule means; told where somebody must look at it."""
        found, team = self.seats.schedule(words)
        name = called(words)
        if not team:
            sentence = f"no team of the plan has the schedule {name}: `{found[0]}` is a vacant seat for it"
            self.draft.tell(rung.line, "not understood", sentence)
        elif not isinstance(found[0], dict):
            sentence = (
                f"the turns of {name}: its leads are told; write `on_call:` of `{team}`, then {{on_call: {team}}} here"
            )
            self.draft.tell(rung.line, "not taken", sentence)
        return found

    def again(self, chain: Chain, rungs: list[Rung], steps: list[Body]) -> list[Body]:
        """The steps with the rounds that follow the first: of one step as its repeats, of more one by one."""
        if not chain.again or not chain.pause:
            return steps
        if len(steps) == 1:
            steps[0]["repeat_every"], steps[0]["back_off"] = show_span(chain.pause), 1
            steps[0]["at_most"] = min(chain.again, MOST_REPEATS)
            self.draft.tell(chain.line, "repeat", f"every {show_span(chain.pause)}, {steps[0]['at_most']} times")
            return steps
        rounds = min(chain.again, MOST_STEPS // len(steps) - 1)
        made = [dict(step) for step in steps]
        start = rungs[-1].after + chain.pause
        for _ in range(max(rounds, 0)):
            made += [step | {"after": show_span(start + rung.after)} for step, rung in zip(steps, rungs, strict=True)]
            start += rungs[-1].after + chain.pause
        if rounds > 0:
            self.draft.tell(
                chain.line, "repeat", f"steps {len(steps) + 1} to {len(made)} are the rounds after the first"
            )
        if rounds < chain.again:
            lost = chain.again - max(rounds, 0)
            sentence = (
                f"{counted(lost, 'round')} of the {chain.again} that repeat: a policy of more than {MOST_STEPS} steps"
            )
            self.draft.tell(chain.line, "not taken", sentence)
        return made


def _name(target: Target, known: Known) -> str:
    return "Channel" if target.kind == "channel" else called(known.all_of(target.words)) or target.kind.capitalize()


def _shown(who: Any) -> str:
    return f"whoever is on call for {who[ON_CALL]}" if isinstance(who, dict) else str(who)


def _tell_rest(root: Any, draft: Draft) -> None:
    """Tell of everything that nobody asked for; what only names people is known by that."""
    for entry in [root] if isinstance(root, values.Entry) else root:
        if isinstance(entry, values.Entry):
            for first, last, words in values.unasked(entry) if entry.read else [(entry.line, entry.last, "an entry")]:
                draft.tell(first, "left out", words, last)
