"""What `/plan` and `/plan people` show: what runs, what is wrong with it, and who is who."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core import outbox, ticks
from callboard.core.outbox import Message
from callboard.core.words import few, few_lines, joined
from callboard.planning import store
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.models import ChannelRow
from callboard.teams.directory import Directory, Person
from callboard.teams.messages import address

if TYPE_CHECKING:
    from callboard.core.db import Tx

SHORT = 200
FAILED_WORK = {"climbs": "escalation", "holds": "hold", "pages unaccepted": "page that was not taken"}
NOT_THERE = ("not_in_channel", "channel_not_found")
INVITE = "/invite @Callboard"
GOT_IT = "plan.got"
MOST_GROUPS, MOST_HELD, MOST_GIVEN_UP, FEW = 45, 20, 10, 5


def given_up(tx: Tx) -> list[str]:
    """What was given up, in words."""
    return [failed_work(one.work, one.row_id, one.error) for one in ticks.parked(tx)]


def failed_work(work: str, row_id: int, error: str) -> str:
    """One thing that was given up."""
    return f"{FAILED_WORK.get(work, work)} {row_id}: {b.clip(b.escape(' '.join(error.split())), SHORT)}"


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """Somebody in a list; all texts are ready to be shown. `away` and `instead` are empty for those who are there."""

    name: str
    called: str
    duties: tuple[str, ...]
    clock: str
    linked: bool
    reachable: bool
    vacant: bool
    away: str = ""
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A team, or those who are in none."""

    name: str
    people: tuple[PersonView, ...]


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """What runs, and what is wrong with it."""

    name: str
    key: str
    version: int
    from_at: datetime
    to_at: datetime
    teams: tuple[str, ...]
    coordinators: tuple[str, ...]
    people: int
    away: tuple[PersonView, ...]
    unlinked: tuple[PersonView, ...]
    vacant: tuple[PersonView, ...]
    unknown_channels: tuple[str, ...]
    invite_to: tuple[str, ...]
    stuck: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, tuple[str, ...]], ...] = ()
    given_up: tuple[str, ...] = ()


def plan_view(tx: Tx, directory: Directory) -> PlanView:
    """What `/plan` shows."""
    row = plans.plan(tx, directory.plan_id)
    everybody = [person_view(directory, one, tx.now) for one in directory.people.values()]
    parked = outbox.in_trouble(tx, directory.plan_id)
    unknown = [f"#{one.name}" for one in directory.channels if not one.slack_id]
    closed = {one.address for one in parked if (one.error or "").startswith(NOT_THERE) and one.address not in unknown}
    closed |= {row.slack_id for row in store.closed_channels(tx, directory.plan_id) if row.slack_id}
    stuck = {one.address: one.error or "" for one in parked if one.address not in {*closed, *unknown}}
    return PlanView(
        name=row.name,
        key=row.key,
        version=row.version,
        from_at=row.from_at,
        to_at=row.to_at,
        teams=tuple(team.name for team in directory.teams.values()),
        coordinators=tuple(directory.called(one) for one in directory.coordinators),
        people=len(everybody),
        away=tuple(view for view in everybody if view.away),
        unlinked=tuple(view for view in everybody if not view.linked and not view.vacant),
        vacant=tuple(view for view in everybody if view.vacant),
        unknown_channels=tuple(unknown),
        invite_to=tuple(sorted(closed)),
        stuck=tuple(stuck.items()),
        held=_held(tx, directory.plan_id),
        given_up=tuple(given_up(tx)),
    )


def group_views(directory: Directory, now: datetime) -> Sequence[GroupView]:
    """Everybody, by team; first those who are in none."""
    alone = [one for one in directory.people.values() if not directory.teams_of(one)]
    found = [GroupView(name="Across the teams", people=_all(directory, alone, now))] if alone else []
    for team in directory.teams.values():
        members = (*directory.leads_of(team.key), *directory.members_of(team.key))
        found.append(GroupView(name=team.name, people=_all(directory, members, now)))
    return found


def person_view(directory: Directory, one: Person, now: datetime) -> PersonView:
    """One line of a list."""
    absence = one.absence(now)
    other = directory.standing_in(one, now)
    leads = tuple(f"leads {team.name}" for team in directory.teams_of(one) if one.key in team.leads)
    return PersonView(
        name=one.name,
        called=directory.called(one),
        duties=(*leads, *(directory.role_name(role) for role in one.roles)),
        clock=f"{now.astimezone(one.zone):%H:%M}",
        linked=bool(one.slack_id),
        reachable=directory.reach(one) is not None,
        vacant=one.vacant,
        away=str(absence) if absence else "",
        instead=directory.called(other) if other and other.key != one.key else "",
    )


def _held(tx: Tx, plan_id: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is on hold, and what holds it."""
    found: dict[str, list[str]] = {}
    for hold in holds.standing(tx, plan_id):
        found.setdefault(hold.target, []).append(hold.by)
    return tuple((target, tuple(by)) for target, by in found.items())


def _all(directory: Directory, people: Sequence[Person], now: datetime) -> tuple[PersonView, ...]:
    return tuple(person_view(directory, one, now) for one in people)


def how_to_invite(rows: Sequence[ChannelRow]) -> list[str]:
    """What to do about each, in words without markup."""
    hidden = [f"#{row.name}" for row in rows if not row.slack_id]
    open_ones = [f"#{row.name}" for row in rows if row.slack_id]
    found = []
    if hidden:
        found.append(f"I can't find {', '.join(hidden)}: create it, or type `{INVITE}` there if it is private.")
    if open_ones:
        found.append(f"I'm not in {', '.join(open_ones)}: type `{INVITE}` there, so that I hear what is said.")
    return found


def plan(view: PlanView) -> Message:
    """What `/plan` alone answers."""
    head = f"{b.bold(b.escape(view.name))} (`{view.key}`), version {view.version}"
    spread = f"{b.date(view.from_at, 'both')} to {b.date(view.to_at, 'both')}"
    who = f"{view.people} people in {joined(view.teams) or 'no team yet'}"
    led = f"Coordinated by {joined(view.coordinators)}." if view.coordinators else "Nobody coordinates it."
    worries = list(_worries(view))
    fine = ":white_check_mark: Everybody can be reached, and every channel is there."
    blocks = [
        b.section(f"{head}\n{spread}\n{b.escape(who)}. {led}"),
        *(b.section(worry) for worry in worries or [fine]),
        b.context("`/plan people` who is who · `/plan test` a test page · `/plan away 2026-03-30..31` · `/plan help`"),
    ]
    return Message(text=f"{view.name}, version {view.version}", blocks=blocks)


def people(name: str, groups: Sequence[GroupView]) -> Message:
    """Everybody, by team."""
    shown = [b.section("\n".join([b.bold(b.escape(group.name)), *map(_line, group.people)])) for group in groups]
    more = [b.context(f"and {len(shown) - MOST_GROUPS} more teams")] if len(shown) > MOST_GROUPS else []
    return Message(text=f"People of {name}", blocks=[*shown[:MOST_GROUPS], *more])


def test_page(plan_name: str, asked_by: str, key: str, *, own: bool) -> Message:
    """What somebody reads who is paged to see that it works."""
    why = "You asked for it." if own else f"{asked_by} asked for it, to see that pages reach you."
    text = f":wave: This is a test page from Callboard for {b.escape(plan_name)}. Nothing is wrong. {why}"
    button = b.button("I got it", GOT_IT, key, style="primary")
    return Message(text=text, blocks=[b.section(text), b.actions(button)], title=f"{plan_name}: a test page")


def got(who: str) -> Message:
    """What whoever asked for a test page reads when it was answered."""
    return Message(text=f":white_check_mark: {who} got the test page.")


def _worries(view: PlanView) -> Iterable[str]:
    for one in view.away:
        instead = f"{one.instead} stands in" if one.instead else "nobody stands in"
        yield f":palm_tree: {one.called} is away ({one.away}); {instead}."
    if view.unlinked:
        names = joined([f"{one.name}{'' if one.reachable else ' (no way at all)'}" for one in view.unlinked])
        yield (
            f":grey_question: Not found in Slack: {b.escape(names)}. They are paged by their fallback. "
            "Mend `slack:` or `email:` in the plan file."
        )
    if view.vacant:
        yield f":chair: Vacant: {b.escape(joined([one.name for one in view.vacant]))}."
    if view.unknown_channels:
        yield (
            f":grey_question: I can't find {b.escape(joined(view.unknown_channels))}. "
            "Create it, or type `/invite @Callboard` there if it is private."
        )
    if view.invite_to:
        yield f":no_bell: I'm not in {joined(map(address, view.invite_to))}. Type `/invite @Callboard` there."
    if view.held:
        held = [f"• `{target}` waits for {few([f'`{key}`' for key in by], FEW)}" for target, by in view.held]
        yield "\n".join([":hourglass_flowing_sand: On hold:", *few_lines(held, MOST_HELD)])
    if view.given_up:
        things = "\n".join(f"• {one}" for one in view.given_up[:MOST_GIVEN_UP])
        yield f":rotating_light: {len(view.given_up)} came due and kept failing, so I gave them up:\n{things}"
    if view.stuck:
        stuck = "\n".join(f"• {address(where)}: {b.escape(error)}" for where, error in view.stuck)
        yield f":warning: Messages that could not be delivered:\n{stuck}"


def _line(view: PersonView) -> str:
    if view.vacant:
        return f"• {b.escape(view.name)}: vacant{f'; {view.instead} stands in' if view.instead else ''}"
    name = b.escape(view.name)
    who = f"{name} ({view.called})" if view.linked else f"{name} (not in Slack)"
    duties = f", {b.escape(', '.join(view.duties))}" if view.duties else ""
    away = f", *away* {view.away}{f', {view.instead} stands in' if view.instead else ', nobody stands in'}"
    return f"• {who}{duties}, {view.clock} there{away if view.away else ''}"
