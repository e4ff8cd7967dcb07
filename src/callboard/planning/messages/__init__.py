"""What a plan says of itself: `/plan` and `/plan people`, what changed, test pages, what went wrong.

greetings: what a team or a person reads of their part in it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core import ticks
from callboard.core.outbox import Message
from callboard.core.words import counted, few_lines, joined
from callboard.plans.models import ChannelRow, Plan
from callboard.teams import hindrances
from callboard.teams.directory import Directory, Person

SHORT = 200
OF_A_TEAM = ": `/plan show TEAM` shows those of one team"
MOST_GROUPS, MOST_IN_CHAPTER, MOST_GIVEN_UP = 45, 5, 10
FAILED_WORK = {"climbs": "escalation", "holds": "hold", "pages unaccepted": "page that was not taken",
               "messages parked": "message that was refused"}  # fmt: skip
INVITE = "/invite @Callboard"
GOT_IT = "plan.got"
MORE = "`/plan people` who is who · `/plan test` a test page · `/plan away tomorrow` · `/plan help`"


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What runs, and what is wrong with it. `closed` are addresses of channels that the bot is not in.

    `chapters` are short lines by heading: what runs now, what is next, what waits for the reader, what is on hold.
    """

    plan: Plan
    directory: Directory
    now: datetime
    closed: Sequence[str] = ()
    stuck: Mapping[str, str]
    chapters: Mapping[str, Sequence[str]]
    given_up: Sequence[str] = ()


def plan(view: Overview) -> Message:
    """What `/plan` alone answers."""
    row, directory = view.plan, view.directory
    led = joined(map(directory.called, directory.coordinators))
    teams = joined(team.name for team in directory.teams.values()) or "no team yet"
    fine = ":white_check_mark: Everybody can be reached, and I am in every channel."
    head = [
        f"{m.bold(m.escape(row.name))} (`{row.key}`), version {row.version}",
        f"{m.date(row.from_at, 'both')} to {m.date(row.to_at, 'both')}",
        f"{len(directory.people)} people in {m.escape(teams)}. {f'Coordinated by {led}' if led else 'No coordinator'}.",
    ]
    worries = [*_missing_people(view), *_missing_channels(view), *_stuck_work(view)] or [fine]
    chapters = [
        b.section("\n".join([m.bold(title), *(f"• {line}" for line in few_lines(lines, MOST_IN_CHAPTER))]))
        for title, lines in view.chapters.items() if lines
    ]  # fmt: skip
    blocks = [b.section("\n".join(head)), *chapters, *map(b.section, worries), b.context(MORE)]
    return Message(f"{m.escape(row.name)}, version {row.version}", blocks)


def _missing_people(view: Overview) -> Iterator[str]:
    directory, people = view.directory, view.directory.people.values()
    for person in people:
        stand_in = stands_in(directory, person, view.now)
        if person.lost:
            why = hindrances.of_account(person.lost)
            yield (f":no_entry: {m.escape(person.name)} {why}; {stand_in or 'nobody'} stands in. "
                   "Name somebody else in the plan file.")  # fmt: skip
        elif days := person.absence(view.now):
            yield f":palm_tree: {directory.called(person)} is away ({days}); {stand_in or 'nobody'} stands in."
    if directory.unlinked:
        names = [f"{each.name}{'' if directory.reach(each) else ' (no way to reach)'}" for each in directory.unlinked]
        yield (f":grey_question: Not found in Slack: {m.escape(joined(names))}. I page them by their fallback. "
               "Correct `slack:` or `email:` in the plan file.")  # fmt: skip
    if vacant := [person.name for person in people if person.vacant]:
        yield f":chair: Vacant: {m.escape(joined(vacant))}."


def _missing_channels(view: Overview) -> Iterator[str]:
    if unknown := [f"#{channel.name}" for channel in view.directory.channels if not channel.slack_id]:
        yield (f":grey_question: I can't find {m.escape(joined(unknown))}. "
               f"Create or unarchive it, or type `{INVITE}` there if it is private.")  # fmt: skip
    if view.closed:
        yield f":no_bell: I'm not in {joined(map(m.address, view.closed))}. Type `{INVITE}` there."


def _stuck_work(view: Overview) -> Iterator[str]:
    if view.given_up:
        works = few_lines([f"• {work}" for work in view.given_up], MOST_GIVEN_UP)
        yield "\n".join([":rotating_light: I gave up on these, after they failed again and again:", *works])
    if view.stuck:
        stuck = [
            f"• {_place(view.directory, address)}: {hindrances.reason(error)} {hindrances.remedy(error)}".rstrip()
            for address, error in view.stuck.items()
        ]
        yield "\n".join([":warning: I could not deliver messages to these. To try again: `/plan retry`", *stuck])


def _place(directory: Directory, address: str) -> str:
    """An address that takes nothing. A channel goes by its name: Slack shows none of one that was deleted."""
    channel = directory.channel(address)
    return m.escape(f"#{channel.name}") if channel and channel.name else m.address(address)


def people(directory: Directory, now: datetime, about: Mapping[str, Sequence[str]]) -> Message:
    """Everybody, by team; first those who are in none. `about` has what else there is to say of each."""
    alone = [person for person in directory.people.values() if not directory.teams_of(person)]
    groups = [("Across the teams", alone)] if alone else []
    groups += [
        (
            f"{team.name}{f' ({team.part_of})' if team.part_of else ''}",
            [*directory.leads_of(team.key), *directory.members_of(team.key)],
        )
        for team in directory.teams.values()
    ]
    blocks: list[b.Block] = []
    for name, members in groups[:MOST_GROUPS]:
        lines = [m.bold(m.escape(name)), *(_line(directory, person, now, about) for person in members)]
        blocks += fit.paragraphs(lines)
    left = len(groups) - MOST_GROUPS
    more = [b.context(f"and {left} more{OF_A_TEAM}")] if left > 0 else []
    return Message(f"People of {m.escape(directory.plan_name)}", [*blocks, *more])


def _line(directory: Directory, person: Person, now: datetime, about: Mapping[str, Sequence[str]]) -> str:
    name, stand_in = m.escape(person.name), stands_in(directory, person, now)
    if person.vacant:
        return f"• {name}: vacant{f'; {stand_in} stands in' if stand_in else ''}"
    leads = [f"leads {team.name}" for team in directory.teams_of(person) if person.key in team.leads]
    duties = [m.escape(duty) for duty in (*leads, *map(directory.role_name, person.roles))]
    each_once = {word.casefold(): word for word in (*duties, *about.get(person.key, ()))}
    words = [
        f"{name} ({directory.called(person) if person.slack_id else 'not in Slack'})",
        *each_once.values(),
        f"{now.astimezone(person.zone):%H:%M} there",
    ]
    if person.lost:
        words += [f"*{hindrances.of_account(person.lost)}*", f"{stand_in or 'nobody'} stands in"]
    elif days := person.absence(now):
        words += [f"*away* {days}", f"{stand_in or 'nobody'} stands in"]
    return f"• {', '.join(words)}"


def stands_in(directory: Directory, person: Person, now: datetime) -> str:
    """Who acts for somebody now, as they are spoken of; empty for nobody, and for themselves."""
    other = directory.standing_in(person, now)
    return directory.called(other) if other and other.key != person.key else ""


def how_to_invite(rows: Sequence[ChannelRow]) -> list[str]:
    """What to do about channels that the bot is not in, without markup."""
    hidden = ", ".join(f"#{row.name}" for row in rows if not row.slack_id)
    closed = ", ".join(f"#{row.name}" for row in rows if row.slack_id)
    return [
        *(
            [f"I can't find {hidden}: create or unarchive it, or type `{INVITE}` there if it is private."]
            * bool(hidden)
        ),
        *([f"I'm not in {closed}: type `{INVITE}` there, so that I can read it."] if closed else []),
    ]


def failed_work(work: str, row_id: int, error: str) -> str:
    """One thing that was given up."""
    return f"{FAILED_WORK.get(work, work)} {row_id}: {m.clip(m.escape(' '.join(error.split())), SHORT)}"


def gave_up(work: str, row_id: int, error: str) -> Message:
    """What a coordinator reads about it."""
    text = (
        f":rotating_light: I gave up after {ticks.PARK_AFTER} tries: {failed_work(work, row_id, error)}. "
        "I page nobody for it any more, so look after it yourself. "
        "Show this to whoever runs Callboard: the log has more under `tick.row_failed`."
    )
    return Message(text, title="Callboard gave up on something")


def test_page(plan_name: str, asked_by: str, key: str, *, own: bool) -> Message:
    """What somebody reads who is paged to see that it works."""
    why = "You asked for it." if own else f"{asked_by} asked for it, to see that pages reach you."
    text = f":wave: This is a test page from Callboard for {m.escape(plan_name)}. Nothing is wrong. {why}"
    button = b.button("Confirm", GOT_IT, key, style="primary")
    return Message(text, [b.section(text), b.actions(button)], title=f"{plan_name}: a test page")


def lifted(what: str, by: Sequence[str], who: str, reason: str) -> Message:
    """What everybody reads when somebody lifts a hold."""
    text = f":arrow_forward: {what} can go on without {joined(by)}: {who} lifted the hold, because {m.escape(reason)}"
    return Message(m.clip(text, m.TEXT))


def shifted(by: str, moved: int, days: str, reason: str) -> Message:
    """What everybody reads when all that is to come is moved."""
    why = f" because {m.escape(reason)}" if reason else ""
    things = counted(moved, "thing")
    return Message(
        f":calendar: {by} moved what has not happened yet by {m.escape(days)}{why}: {things}. "
        "What comes when for you: `/plan calendar`"
    )


def edited(by: str, changes: Sequence[str], reason: str, *, for_all: bool = False) -> Message:
    """What somebody changed in the plan that concerns the reader, or `for_all`."""
    why = f" because {m.escape(reason)}" if reason else ""
    what = "a date of the plan" if for_all else "the plan for you"
    lines = [f":memo: {by} changed {what}{why}:", *(f"• {m.escape(change)}" for change in changes)]
    return Message(fit.fitting([*lines, "Questions? Ask them. All changes: `/plan versions`."]))


def rights_moved(plan: str, by: str, whom: str, changes: Sequence[str], reason: str) -> Message:
    """What the reader, or somebody with them, may do from now on, or no longer."""
    why = f" because {m.escape(reason)}" if reason else ""
    lines = [f":key: {by} changed who may do what in {m.bold(m.escape(plan))}{why}:",
             *(f"• {m.escape(change)}" for change in changes)]  # fmt: skip
    end = f"Is that wrong? Tell {whom or 'whoever keeps the plan file'}. All changes: `/plan versions`."
    return Message(fit.fitting([*lines, end]))
