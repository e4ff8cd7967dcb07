"""How risks read: the register, the card of one, the question of an indicator. All text in views is Slack's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, few
from callboard.planfile.paths import slug
from callboard.plans import service as plans
from callboard.risks import indicators, register
from callboard.risks.indicators import Scene
from callboard.risks.models import Question, Reading, Risk, State
from callboard.risks.plan import WatchPart
from callboard.risks.register import Kept
from callboard.teams import service as teams
from callboard.teams.directory import Directory

TASK, HAPPENED, EMERGENCY, CLOSE, YES, NO = (
    f"risk.{word}" for word in ("task", "happened", "emergency", "close", "yes", "no")
)
GRAVE, MIDDLING = 6, 3
BUTTONS, FEW, PARAGRAPHS = 4, 10, 20
ICONS = complete(State, {
    State.OPEN: ":large_green_circle:", State.HAPPENED: ":octagonal_sign:", State.CLOSED: ":white_check_mark:",
})  # fmt: skip
LIGHTS: Mapping[bool | None, str] = {True: ":rotating_light:", False: ":white_small_square:", None: ":grey_question:"}


@dataclass(frozen=True, kw_only=True)
class RiskView:
    """A risk as it is now. `tasks` are those of its actions, by the action's place; `levels`: the plan has any."""

    kept: Kept
    owner: str
    by: str
    readings: Sequence[Reading]
    tasks: Mapping[int, str]
    levels: bool

    @property
    def row(self) -> Risk:
        return self.kept.row

    @property
    def name(self) -> str:
        return m.escape(self.kept.part.risk)

    @property
    def tripped(self) -> list[str]:
        """What its indicators say that are so now."""
        return [reading.says for reading in self.readings if reading.trips and self.row.is_open]


def view(tx: Tx, kept: Kept) -> RiskView:
    directory, row = teams.directory(tx, kept.row.plan_id), kept.row
    parts = kept.part.indicators if row.is_open else ()
    places = {slug(text): place for place, text in enumerate(kept.part.actions, 1)}
    return RiskView(
        kept=kept, owner=_owner(directory, kept), by=directory.called(row.settled_by),
        readings=tuple(indicators.readings(Scene(tx, row.plan_id), kept).values()) if parts else (),
        tasks={places[action]: key for action, key in row.actions.items() if action in places},
        levels="emergencies" in plans.live(tx, row.plan_id).body,
    )  # fmt: skip


def _owner(directory: Directory, kept: Kept) -> str:
    people = register.owners(directory, kept.part)
    return few([directory.called(person) for person in people], FEW) or "nobody"


def card(view: RiskView) -> Message:
    """Everything about one risk, with what can be done about it."""
    part, row = view.kept.part, view.row
    title = f"{_icon(view.kept)} *Risk {row.number}: {view.name}*"
    facts = [f"Probability {part.probability}, impact {part.impact}. Owner: {view.owner}"]
    facts += [m.clip(m.escape(part.about), m.TEXT)] if part.about else []
    facts += [f"Against it: {m.clip(m.escape('; '.join(part.mitigation)), m.TEXT)}"] if part.mitigation else []
    watched = [f"{LIGHTS[reading.trips]} {reading.says}" for reading in view.readings]
    watched += [f":eyes: {m.escape(sign.watch)}" for sign in part.indicators if isinstance(sign, WatchPart)]
    blocks = [
        b.section(title), b.context(*facts), *_over(view), *_lines("Signs", watched if row.is_open else []),
        *_lines("Actions", _actions(view)), *([b.actions(*_buttons(view))] if row.is_open else []),
    ]  # fmt: skip
    says = f": {'; '.join(view.tripped)}" if view.tripped else f", {row.state}"
    return Message(text=m.clip(f"Risk {row.number}, {view.name}{says}", m.TEXT), blocks=blocks)


def _icon(kept: Kept) -> str:
    if kept.row.is_open and kept.weight >= MIDDLING:
        return ":red_circle:" if kept.weight >= GRAVE else ":large_yellow_circle:"
    return ICONS[State(kept.row.state)]


def _over(view: RiskView) -> list[dict[str, Any]]:
    row = view.row
    if row.is_open or row.settled_at is None:
        return []
    word, at = f": {row.word}" if row.word else ".", m.date(row.settled_at, "both")
    if row.state == State.CLOSED:
        return [b.section(f"{view.by} closed it, {at}{word}")]
    see = f"blocker {row.blocker}: `/blocker show {row.blocker}`" if row.blocker else (
        f"emergency {row.emergency}: `/emergency show {row.emergency}`"
    )  # fmt: skip
    return [b.section(f"*It happened*, {at} ({view.by}){word}\nIt is {see}")]


def _lines(title: str, lines: Sequence[str]) -> list[dict[str, Any]]:
    return [b.section(m.clip("\n".join([f"*{title}*", *lines]), m.TEXT))] if lines else []


def _actions(view: RiskView) -> list[str]:
    return [
        f"{place} {m.escape(text)}" + (f": task {m.escape(view.tasks[place])}" if place in view.tasks else "")
        for place, text in enumerate(view.kept.part.actions, 1)
    ]  # fmt: skip


def _buttons(view: RiskView) -> list[dict[str, Any]]:
    value, name = f"{view.row.number}:{view.row.changes}", m.unescape(view.name)
    left = [(place, text) for place, text in enumerate(view.kept.part.actions, 1) if place not in view.tasks]
    happened = (f"Raise a blocker, because this happened: {name}?", "Raise it")
    return [
        *(b.button(f"Make {place} a task", f"{TASK}:{place}", f"{value}:{place}") for place, _ in left[:BUTTONS]),
        b.button("It happened", HAPPENED, value, style="danger", confirm=happened),
        *([b.button("Declare an emergency...", EMERGENCY, value)] if view.levels else []),
        b.button("Close...", CLOSE, value),
    ]  # fmt: skip


def tripped(view: RiskView) -> Message:
    """What its owner is told: the figures, and what to do."""
    whole, row = card(view), view.row
    if not row.is_open:
        return whole
    head = f"needs you: {view.name}" if view.tripped else f"is quiet again: {view.name}"
    lines = "\n".join([f":rotating_light: *Risk {row.number} {head}*", *view.tripped])
    return Message(text=whole.text, blocks=[b.section(m.clip(lines, m.TEXT)), *whole.blocks])


def earlier(kept: Kept) -> Message:
    """What stays of such a message once there is a newer one."""
    return Message(text=f"{kept.called}: I told you again since then. `/risk show {kept.row.number}`")


def yours(view: RiskView, by: str) -> Message:
    """What somebody is told who owns a risk now."""
    whole = card(view)
    head = f"{by} made you the owner of risk {view.row.number}."
    return Message(text=f"{head} {view.name}", blocks=[b.section(f":bust_in_silhouette: {head}"), *whole.blocks])


def question(row: Question, kept: Kept | None) -> Message:
    """The question of an indicator, and what was answered."""
    asked = m.escape(row.question)
    if row.said:
        text = f"You said {row.said}: {asked}"
    elif kept is None or not kept.row.is_open:
        text = f"No longer asked: {asked}"
    else:
        text = asked
    about = [b.context(f"About {kept.called}. I tell its owner if you say yes.")] if kept else []
    number = row.number
    buttons = [b.actions(b.button("Yes", YES, f"{number}:0"), b.button("No", NO, f"{number}:0"))]
    open_one = kept is not None and kept.row.is_open
    icon = ":white_check_mark:" if row.said else ":grey_question:"
    return Message(text=text, blocks=[b.section(f"{icon} {text}"), *about, *(buttons if open_one else [])])


def listed(tx: Tx, plan_id: int, *, every: bool) -> Message:
    """The register, the gravest first; those that are over only if `every` is wanted."""
    rows = register.kept(tx, plan_id)
    shown = [kept for kept in rows if every or kept.row.is_open]
    directory = teams.directory(tx, plan_id)
    lines = [_line(directory, kept) for kept in shown]
    over = len(rows) - len(shown)
    more = f" {over} closed or happened: `/risk list all`." if over else ""
    if not lines:
        text = "No risk is open." if rows else "This plan has no risks."
        return Message(text=f"{text}{more} Raise one: `/risk raise vendor is late`.")
    blocks = fit.paragraphs(lines, PARAGRAPHS, "`/risk show` shows one")
    hint = f"`/risk show {shown[0].row.number}` shows one.{more}"
    return Message(text="Risks", blocks=[*blocks, b.context(hint)])


def _line(directory: Directory, kept: Kept) -> str:
    part, row = kept.part, kept.row
    rated = f"probability {part.probability}, impact {part.impact}" if row.is_open else str(row.state)
    alarm = " :rotating_light:" if row.tripped else ""
    return (
        f"{_icon(kept)} *{row.number}*  {m.clip(m.escape(part.risk), 150)}: {rated}. {_owner(directory, kept)}{alarm}"
    )
