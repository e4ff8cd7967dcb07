"""Plans that are good, and ways to break them: by hand in their text, and by chance anywhere in their tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from callboard.app import sections
from callboard.planfile.export import exported
from callboard.planfile.paths import ABSENT, find, keyed, put
from callboard.planfile.sections import entries
from callboard.plans import service as plans
from callboard.plans.service import Checked
from callboard.rehearsal import findings
from callboard.rehearsal.findings import Finding, Kind

PLANS = ("deployment", "meschain", "prismq", "harbor")
GHOST = {"name": "Nobody yet", "vacant": True}
Place = tuple[str | int, ...]


@cache
def text(plan: str) -> str:
    if plan == "harbor":
        return Path(__file__).with_name("harbor.yml").read_text()
    return resources.files("callboard.examples").joinpath(f"{plan}.yml").read_text()


def checked(source: str) -> Checked:
    found = plans.check(source, "plan.yml", sections())
    assert not found.errors, found.report()
    return found


@cache
def unbroken(plan: str) -> Checked:
    return checked(text(plan))


@cache
def good(plan: str) -> tuple[Finding, ...]:
    return tuple(findings.find(unbroken(plan)))


def new(plan: str, broken: Checked) -> list[Finding]:
    """What is found in a broken copy and not in the good plan, without what is only noted."""
    known = {(found.what, found.why) for found in good(plan)}
    every = findings.find(broken)
    return [found for found in every if found.kind is not Kind.NOTE and (found.what, found.why) not in known]


def line_of(source: str, words: str) -> int:
    """The one line with these words."""
    (line,) = (number for number, line in enumerate(source.splitlines(), 1) if words in line)
    return line


@dataclass(frozen=True)
class Break:
    """A fault that somebody planted: how the plan is broken, and at which of its places it is to be found."""

    plan: str
    name: str
    broken: Checked
    lines: frozenset[int]

    @property
    def found(self) -> list[Finding]:
        return [each for each in new(self.plan, self.broken) if each.line in self.lines]


def planted(plan: str, name: str, where: str, changes: Mapping[str, Any]) -> Break:
    """A break by hand: values put at places, `people/amp/away`, None to take away; and the place where it is found."""
    body = dict(unbroken(plan).document.body)
    for place, value in changes.items():
        body = put(body, counted(body, place), ABSENT if value is None else value)
    found = checked(exported(text(plan), body, sections()))
    return Break(plan, name, found, frozenset({found.document.line(counted(body, where))}))


def counted(body: Any, where: str) -> Place:
    """A place with numbers where a list is, as a document's lines have it."""
    path: Place = ()
    for step in where.split("/"):
        held = find(body, path)
        if isinstance(held, list):
            path = (*path, int(step) if step.isdecimal() else list(keyed(held)).index(step))
        else:
            path = (*path, step)
    return path


# How a place of a plan is broken: which places can be, what is done to the plain values, where that is found.
Op = Callable[[dict[str, Any], Random], tuple[Callable[[dict[str, Any]], None], list[Place]] | None]


def _keys(body: dict[str, Any], section: str, has: str = "") -> list[Any]:
    return [key for key, entry in entries(body.get(section)) if not has or has in entry]


def _put(body: dict[str, Any], place: Place, value: Any) -> None:
    *way, last = place
    holder: Any = body
    for step in way:
        holder = holder[step]
    if value is None:
        holder.pop(last)
    else:
        holder[last] = deepcopy(value)


def _ghost(body: dict[str, Any], *place: str | int) -> None:
    body["people"]["ghost"] = GHOST
    _put(body, place, ["ghost"])


def _asks_for_tasks(gate: Any) -> bool:
    return any("tasks" in each for _, each in entries(gate.get("criteria", ())))


def late_gate(body: dict[str, Any], rng: Random) -> Any:
    """A gate that asks for tasks is due in the first minutes of the plan."""
    keys = [key for key in _keys(body, "gates", "due") if _asks_for_tasks(body["gates"][key])]
    key = rng.choice(keys)
    at = f"{body['from'][:10]} 09:01"
    place = ("gates", key)
    numbers = range(len(body["gates"][key]["criteria"]))
    return lambda b: _put(b, (*place, "due"), at), [(*place, "due"), *((*place, "criteria", n) for n in numbers)]


def long_task(body: dict[str, Any], rng: Random) -> Any:
    """A task with a deadline takes weeks."""
    keys = [key for key in _keys(body, "tasks", "due") if body["tasks"][key].get("status") != "completed"]
    key = rng.choice(keys)
    return lambda b: _put(b, ("tasks", key, "estimate"), "900h"), [("tasks", key)]


def no_way_on(body: dict[str, Any], rng: Random) -> Any:
    """A decision says nothing of what comes after its NO-GO."""
    key = rng.choice(_keys(body, "gates", "if_no_go"))
    return lambda b: _put(b, ("gates", key, "if_no_go"), None), [("gates", key)]


def empty_rung(body: dict[str, Any], rng: Random) -> Any:
    """A rung has nobody but a vacant seat."""
    key = rng.choice(_keys(body, "escalation"))
    number = rng.randrange(len(body["escalation"][key]["steps"]))
    place = ("escalation", key, "steps", number)
    return lambda b: _ghost(b, *place, "notify"), [place]


def status_storm(body: dict[str, Any], rng: Random) -> Any:
    """People are asked every five minutes."""
    number = rng.choice(_keys(body, "cadences"))
    return lambda b: _put(b, ("cadences", number, "every"), "5m"), [("cadences", number, "every")]


def early_phase(body: dict[str, Any], rng: Random) -> Any:
    """A phase that waits for a gate begins with the plan."""
    key = rng.choice(_keys(body, "phases", "needs"))
    at = f"{body['from'][:10]} 09:02"
    return lambda b: _put(b, ("phases", key, "from"), at), [("phases", key, "needs")]


def no_orders(body: dict[str, Any], rng: Random) -> Any:
    """Only a vacant seat may order a rollback."""
    key = rng.choice(_keys(body, "rollbacks", "order"))
    return lambda b: _ghost(b, "rollbacks", key, "order"), [("rollbacks", key, "order")]


def early_run(body: dict[str, Any], rng: Random) -> Any:
    """A run-book that waits for a gate is on the plan's first day."""
    key = rng.choice([each for each in _keys(body, "runbooks", "needs") if "day" in body["runbooks"][each]])
    return lambda b: _put(b, ("runbooks", key, "day"), body["from"][:10]), [("runbooks", key, "needs")]


def double_meeting(body: dict[str, Any], rng: Random) -> Any:
    """A meeting takes place twice at the same time."""
    keys = [n for n in _keys(body, "meetings", "lasts") if "after" not in body["meetings"][n]]
    number = rng.choice(keys)

    def twice(b: dict[str, Any]) -> None:
        b["meetings"].append({**deepcopy(b["meetings"][number]), "name": "The same again"})

    return twice, [("meetings", number), ("meetings", len(body["meetings"]))]


def deaf_emergency(body: dict[str, Any], rng: Random) -> Any:
    """Only a vacant seat hears of an emergency."""
    key = rng.choice(_keys(body, "emergencies", "tell"))
    return lambda b: _ghost(b, "emergencies", key, "tell"), [("emergencies", key, "tell")]


def absent_signer(body: dict[str, Any], rng: Random) -> Any:
    """A lead who alone signs for a team is away all the time, and so are their deputies."""
    signed = [
        (gate, number, each["lead_of"]) for gate, entry in entries(body["gates"])
        for number, each in entries(entry.get("sign_off", ())) if "lead_of" in each
    ]  # fmt: skip
    _, _, team = rng.choice(signed)
    lead = body["teams"][team]["lead"]
    places: list[Place] = [("gates", gate, "sign_off", n) for gate, n, each in signed if each == team]

    def away(b: dict[str, Any]) -> None:
        for key in (lead, *b["people"][lead].get("deputies", ())):
            b["people"][key]["away"] = [f"{body['from'][:10]}..{body['to'][:10]}"]

    return away, places


OPS = (late_gate, long_task, no_way_on, empty_rung, status_storm, early_phase, no_orders, early_run, double_meeting,
       deaf_emergency, absent_signer)  # fmt: skip


def drawn(seed: int) -> Iterator[Break]:
    """Breaks by chance, without end: a plan, a way to break it, a place of its tree."""
    rng, told = Random(seed), set[tuple[str, str, str]]()
    while True:
        plan, op = rng.choice(PLANS), rng.choice(OPS)
        good_one = unbroken(plan).document
        try:
            mutate, places = op(deepcopy(dict(good_one.body)), rng)
        except IndexError:  # the plan has no such place
            continue
        if (plan, op.__name__, str(places)) in told:
            continue
        told.add((plan, op.__name__, str(places)))
        body = deepcopy(dict(good_one.body))
        mutate(body)
        source = exported(text(plan), body, sections())
        again = plans.check(source, "plan.yml", sections())
        if not again.errors:  # what the check refuses needs no finding
            lines = frozenset(again.document.line(place) for place in places)
            yield Break(plan, f"{op.__name__} {places[0]}", again, lines)
