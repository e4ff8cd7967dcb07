"""What must be right about gates and sign-offs besides their form; with checks that sections above need too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callboard.blockers import plan as blockers
from callboard.core.errors import did_you_mean
from callboard.core.words import few
from callboard.gates import quorum
from callboard.gates.plan import items, order, types
from callboard.gates.plan.measures import MEASURES, check_asked, check_bounds
from callboard.gates.plan.types import GatePart, SignOff, walk
from callboard.gates.quorum import Ask, Work, shortage
from callboard.planfile import task_sets
from callboard.planfile.header import channel_names
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document, Path, Problem, nearest, whole_of
from callboard.planfile.times import show_span
from callboard.planfile.timetable import placed, timetable
from callboard.tasks.plan import TASKS
from callboard.teams.directory import GIVEN_ROLES, OBSERVER, Person
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import FROM_TEAMS, PEOPLE, TEAMS
from callboard.teams.recipients import OF_A_TASK, OF_A_TEAM, RELATIVE

KINDS = {
    "escalate": ("escalation", "escalation policy"), "policy": ("escalation", "escalation policy"),
    "emergency": ("emergencies", "emergency"), "rollback": ("rollbacks", "rollback"),
    "measure": ("measures", "measure"), "gate": ("gates", "gate"), "phase": ("phases", "phase"),
    "lead_of": ("teams", "team"), "team": ("teams", "team"), "person": ("people", "person"),
    "role": ("roles", "role"), "repository": ("repositories", "repository"),
}  # fmt: skip
USUAL_SEVERITIES, FEW = ("normal",), 6
Dues = Mapping[str, datetime]
"""When tasks and gates are due; they share their ids."""


def check_named(document: Document, at: Path, part: object, *words: str) -> Iterator[Problem]:
    """Refuse what a part names and the plan does not have: a policy, an emergency, a measure..."""
    for word in words:
        (section, kind), written = KINDS[word], getattr(part, word)
        known = [*(GIVEN_ROLES if word == "role" else ()), *document.keys(section)]
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {nearest(document, written, known)}")


def check_names(document: Document, path: Path, kind: str, named: Iterable[str]) -> Iterator[Problem]:
    """Refuse teams, phases and the like that the plan does not have. `path` is that of the list."""
    known = document.keys(KINDS[kind][0])
    for position, key in enumerate(named):
        if key not in known:
            yield document.error((*path, position), f"there is no {kind} `{key}`; {nearest(document, key, known)}")


def check_severity(document: Document, at: Path, severity: str) -> Iterator[Problem]:
    """Refuse a severity of blockers that the plan does not have."""
    written = document.of(blockers.section)
    known = list(written.severities) if written else USUAL_SEVERITIES
    if severity and severity not in known:
        yield document.error((*at, "severity"), f"there is no severity `{severity}`; {did_you_mean(severity, known)}")


def check_mail(document: Document, path: Path, addresses: Iterable[str]) -> Iterator[Problem]:
    """Refuse what is neither a mail address nor somebody of the plan. `path` is that of the list."""
    channels = {*document.keys("channels"), *channel_names(document.body)} - {*document.keys(PEOPLE.name)}
    written = tuple(f"#{address}" if address in channels else address for address in addresses)
    people = ["everyone" if "@" in address or address.startswith("#") else address for address in written]
    yield from teams.check_who(document, path, people)
    for number, address in enumerate(written):
        here = (*path, number)
        name, sign, host = address.partition("@")
        if sign and (not name or "." not in host or "@" in host or " " in address):
            yield document.error(here, f"`{address}` is not a mail address: write it like someone@example.com")
        elif address.startswith("#"):
            yield document.error(here, f"`{address}` is a channel, and has no mail: write it in `to`")


def check(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    """Gates ask for what is possible, of people who can sign, in an order that is possible."""
    dues = _dues(document, gates)
    for key, part in gates.items():
        at: Path = ("gates", key)
        about = Work(document, types.tasks_in(document, part.criteria))
        yield from _check_empty(document, at, part)
        yield from _check_twice(document, at, part)
        for place, criterion in walk(part.criteria, (*at, "criteria")):
            yield from _check_criterion(document, dues, place, criterion, key, about)
        yield from items.check_each(document, at, part)
        for asked in items.sign_offs(part):
            yield from check_sign_offs(document, (*at, "sign_off"), asked, about)
        yield from _check_times(document, at, part, dues.get(key))
        yield from _check_signed(document, dues, at, part)
        yield from _check_consequences(document, at, part)
    yield from order.check_attempts(document)


def _dues(document: Document, gates: Mapping[str, GatePart]) -> Dues:
    moments = {key: part.due for key, part in (document.of(TASKS) or {}).items()}
    moments |= {key: part.due for key, part in gates.items()}
    return {key: at[0] for key, moment in moments.items() if (at := placed(timetable(document), moment))}


def _concern(about: Work) -> tuple[str, ...]:
    """The relative words that mean somebody at a gate: those of the teams and people whose tasks it looks at."""
    return (*(OF_A_TEAM if about.teams else ()), *OF_A_TASK)


def _check_criterion(
    document: Document, dues: Dues, at: Path, part: types.Criterion, key: str, about: Work
) -> Iterator[Problem]:
    match part:
        case types.MeasuredPart():
            yield from _check_measured(document, at, part, key)
        case types.TasksPart():
            yield from _check_tasks(document, dues, at, part, key)
        case types.PointsPart():
            yield from items.check_points(document, at, part)
        case types.GatePassedPart():
            yield from _check_gate(document, dues, at, part, key)
        case types.TickPart():
            yield from teams.check_who(document, (*at, "by"), part.by, _concern(about))
        case types.NoBlockersPart():
            yield from check_severity(document, at, part.severity)


def _check_empty(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    if not part.criteria and not part.sign_off:
        yield document.warning(at, "this gate asks for nothing, so it passes at once: write `criteria` or `sign_off`")
    if part.due is None:
        yield document.warning(at, "without a due time nobody is reminded, and the gate is never late: write `due`")


def _check_twice(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for number, criterion in enumerate(part.criteria):
        here = (*at, "criteria", number)
        key = criterion.key or (
            slug(criterion.tick) if isinstance(criterion, types.TickPart) else f"criterion {number}"
        )
        other = first.setdefault(key, here)
        if other != here:
            sentence = f"this criterion is also in line {document.line(other)}: reword one, or give it a `key:`"
            yield document.error(here, sentence)


def _check_measured(document: Document, at: Path, part: types.MeasuredPart, gate: str) -> Iterator[Problem]:
    """A criterion has bounds that its measure can reach, its own or those of the measure."""
    yield from check_named(document, at, part, "measure")
    yield from check_asked(document, at, part.measure, gate)
    measure = (document.of(MEASURES) or {}).get(part.measure)
    if measure and (part.at_least or part.at_most):
        yield from check_bounds(document, at, measure, part.at_least, part.at_most, part.measure)
    elif measure and not measure.at_least and not measure.at_most:
        sentence = f"nothing says when {part.measure} is good enough: write `at_least:` or `at_most:`"
        yield document.error((*at, "measure"), sentence)


def _check_tasks(document: Document, dues: Dues, at: Path, part: types.TasksPart, gate: str) -> Iterator[Problem]:
    for number, sentence in task_sets.strangers(document, part.tasks):
        yield document.error((*at, "tasks", number), sentence)
    if part.are and part.at_least is not None:
        yield document.error((*at, "at_least"), "write `are` or `at_least`, not both")
    due = dues.get(gate)
    ids = task_sets.members(document, part.tasks) if due and part.at_least is None else []
    late = [key for key in ids if due and dues.get(key, due) > due]
    if late:
        verb = "is" if len(late) == 1 else "are"
        yield document.warning(at, f"{few(late, 5)} {verb} due after this gate: move them, or the gate")


def _check_gate(document: Document, dues: Dues, at: Path, part: types.GatePassedPart, key: str) -> Iterator[Problem]:
    if part.gate == key:
        yield document.error((*at, "gate"), "a gate cannot wait for itself: name another one")
    yield from check_named(document, at, part, "gate")
    other, own = dues.get(part.gate), dues.get(key)
    if other and own and other > own:
        yield document.warning((*at, "gate"), f"gate {part.gate} is due after this one: move one of them")


def _check_times(document: Document, at: Path, part: GatePart, due: datetime | None) -> Iterator[Problem]:
    table = timetable(document)
    begin = placed(table, table.start, opening=True) if table else None
    for number, sign_off in enumerate(part.sign_off):
        own = placed(table, sign_off.due)
        if own and due and own[0] > due:
            sentence = f"this signature is due after its gate, {part.due}: write an earlier moment"
            yield document.error((*at, "sign_off", number, "due"), sentence)
    announced = part.announce.before if part.announce else ()
    for word, spans in ((("remind",), part.remind), (("announce", "before"), announced)):
        for number, span in enumerate(spans):
            if due and begin and begin[0] <= due and due - begin[0] < span:
                sentence = f"{show_span(span)} before it is due, the plan has not begun: write less"
                yield document.warning((*at, *word, number), sentence)


def _check_signed(document: Document, dues: Dues, at: Path, part: GatePart) -> Iterator[Problem]:
    """Nobody signs before all is met: warn of a signature that is due before that can be."""
    asked = [each.gate for each in part.criteria if isinstance(each, types.GatePassedPart)]
    needed = [whole_of(each) for each in part.needs if isinstance(each, str) and whole_of(each) in dues]
    alone = tuple(each for each in part.criteria if not isinstance(each, types.AnyPart))
    keys = dict.fromkeys([*types.tasks_in(document, alone, part.needs), *asked, *needed])
    for number, sign_off in enumerate(part.sign_off):
        own = placed(timetable(document), sign_off.due)
        late = [key for key in keys if own and dues.get(key, own[0]) > own[0]]
        if late:
            verb = "is" if len(late) == 1 else "are"
            sentence = f"nobody can sign before all is met, and {few(late, FEW)} {verb} due later than this"
            where: Path = (*at, "sign_off", number, "due")
            yield document.warning(where, f"{sentence}: write a later moment, or ask for this in a gate of its own")


def _check_consequences(document: Document, at: Path, gate: GatePart) -> Iterator[Problem]:
    """Whoever is told, and whatever is escalated, declared or moved, is in the plan."""
    if missed := gate.if_missed:
        here = (*at, "if_missed")
        yield from teams.check_who(document, (*here, "tell"), missed.tell, turns=True)
        yield from check_named(document, here, missed, "escalate", "emergency")
        if missed.emergency and not missed.escalate and not missed.tell:
            sentence = "nobody is told by this: Callboard declares no emergency yet; write `escalate:` or `tell:` too"
            yield document.warning((*here, "emergency"), sentence)
    if gate.if_no_go:
        yield from _check_no_go(document, (*at, "if_no_go"), gate.if_no_go)
        if not gate.decision:
            sentence = "only a decision can be a no-go: write `decision: true`, or `if_missed` for this"
            yield document.warning((*at, "if_no_go"), sentence)
    if announce := gate.announce:
        yield from teams.check_who(document, (*at, "announce", "to"), announce.to, turns=True)
        yield from check_mail(document, (*at, "announce", "mail"), announce.mail)


def _check_no_go(document: Document, at: Path, part: types.NoGoPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell, turns=True)
    known = document.keys("dates")
    for number, name in enumerate(part.shift):
        if name not in known:
            sentence = f"the plan has no date `{name}`; {did_you_mean(name, known)}"
            yield document.error((*at, "shift", number), sentence)
    if part.shift and part.again is None:
        yield document.error((*at, "shift"), "by how much is not said: write when to try again, `again: 1d`")


@dataclass(frozen=True)
class Seats:
    """A sign-off, where it is written, who can give it, vacant seats too, and what is asked of them."""

    at: Path
    part: SignOff
    people: tuple[Person, ...]
    ask: Ask

    @property
    def filled(self) -> Ask:
        """What is asked of those who are there."""
        there = {person.key: self.ask.people[person.key] for person in self.people if not person.vacant}
        return replace(self.ask, people=there)


def check_sign_offs(document: Document, at: Path, parts: Sequence[SignOff], about: Work) -> Iterator[Problem]:
    """Sign-offs ask people of the plan, and nobody has to sign twice."""
    right: list[tuple[Path, SignOff]] = []
    for number, part in enumerate(parts):
        here: Path = (*at, number)
        wrong = list(_check_words(document, here, part))
        yield from wrong
        right += [] if wrong else [(here, part)]
    directory = teams.drafted(document)
    names = (PEOPLE.name, TEAMS.name)
    # Where not everybody of the plan could be read, the sections of people and teams say so.
    if directory and all(len(document.values.get(name) or ()) == len(document.keys(name)) for name in names):
        seats = [Seats(here, part, *quorum.ask(directory, part, about)) for here, part in right]
        yield from _check_quorum(document, seats)
        for seat in seats if not about.teams else ():
            if seat.ask.people and not seat.part.team and seat.part.asks not in KINDS:
                yield from teams.check_who(document, (*seat.at, seat.part.asks), seat.part.expressions, _concern(about))


def _check_words(document: Document, at: Path, part: SignOff) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "not"), part.not_, RELATIVE, alone=False)
    if part.asks in KINDS:
        yield from check_named(document, at, part, part.asks)
    else:
        yield from teams.check_who(document, (*at, part.asks), part.expressions, RELATIVE, alone=False)
    if part.fresh == timedelta():
        yield document.error((*at, "fresh"), "a signature that is old at once never counts: write 24h")


def _check_quorum(document: Document, seats: Sequence[Seats]) -> Iterator[Problem]:
    """Every sign-off can be given by itself; then all of them together."""
    lacking = [seat for seat in seats if shortage([seat.ask])]
    able = [seat for seat in seats if seat not in lacking]
    for seat in lacking:
        yield document.error(seat.at, _too_few(seat))
    short = shortage([seat.ask for seat in able])
    if short:
        these = [able[number] for number in short.asks]
        yield document.error(these[-1].at, _together(document, these, short.people))
    elif any(person.vacant for seat in able for person in seat.people):
        yield from _check_vacant(document, able)


def _check_vacant(document: Document, able: Sequence[Seats]) -> Iterator[Problem]:
    """Seats without which not everything can be signed."""
    waiting = [seat for seat in able if shortage([seat.filled])]
    if not waiting and shortage([seat.filled for seat in able]):
        waiting = list(able)
    for seat in waiting:
        for person in seat.people:
            if person.vacant:
                sentence = (
                    f"the seat {person.name} is vacant and holds a go: nobody else can sign as {seat.part.shown()}"
                )
                yield document.vacant(seat.at, sentence)


def _too_few(seat: Seats) -> str:
    part, able = seat.part, seat.ask.people
    if not able and part.not_:
        return "nobody can sign this: `not` excludes everybody who could"
    if not able:
        return _nobody(part)
    needed = f"{seat.ask.count} signatures{' of different teams' if seat.ask.by_team else ''}"
    return f"this needs {needed}, and only {few(able, FEW)} can sign: ask for fewer, or more people"


def _nobody(part: SignOff) -> str:
    """Why nobody can sign, and what to write instead."""
    if isinstance(part, types.RoleSignOff) and part.role in FROM_TEAMS:
        return f"`{part.role}` is no role that somebody has: write `lead_of: TEAM`, or `of: [all leads]`"
    if isinstance(part, types.RoleSignOff) and part.role != OBSERVER:
        return f"nobody has the role {part.role}: write `roles: [{part.role}]` for a person, or ask somebody else"
    for words, what in ((OF_A_TEAM, "no task names a team"), (OF_A_TASK, "no task is looked at")):
        if idle := next((word for word in part.expressions if word in words), ""):
            return f"nobody can sign this: `{idle}` is nobody here, where {what}; write {words[idle]}"
    return f"nobody can sign this as {part.shown()}: ask somebody who is in the plan, and not an observer"


def _together(document: Document, these: Sequence[Seats], people: Sequence[str]) -> str:
    count = sum(seat.ask.count for seat in these)
    lines = list(dict.fromkeys(str(document.line(seat.at)) for seat in these))
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"
    return (
        f"the sign-offs in {where} need {count} signatures together, and only {few(people, FEW)} can give them: "
        "nobody signs twice or in two roles, so ask somebody else"
    )
