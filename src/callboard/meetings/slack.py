"""Meetings in Slack: `/meeting`, the button on the card, and the form for minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, lines_of
from callboard.meetings import awards, messages, remarks, service, store
from callboard.meetings.messages import MeetingView
from callboard.meetings.models import Award, Kudos, Lesson, Meeting, Outcome, Remark
from callboard.meetings.service import Learned, Title
from callboard.planfile.paths import slug
from callboard.planfile.sections import Happening
from callboard.plans import store as plan_rows
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Choice, Command, Name, Number, Text, Verb
from callboard.slack.grammar import Person as Whom
from callboard.slack.requests import Request
from callboard.teams.directory import Asker, Directory, Person, Team
from callboard.teams.slack import About, Click, asker, person

ALSO = re.compile(r"\s*(?:(?:,|and|&amp;|\+)\s*)*<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>[.,;:]*", re.IGNORECASE)
LONGEST, SHOWN, PARAGRAPHS = 2800, 5, 4
ABOUT = About(store.meeting, service.GONE)


@dataclass
class Titles:
    """What the menu of awards is about: all of a plan."""

    plan_id: int


def _of_plan(tx: Tx, number: int) -> Titles | None:
    return Titles(number) if plan_rows.plan(tx, number) else None


TITLES = About[Titles](_of_plan, "That plan is gone.")


def record_form(view: MeetingView, *, retrospective: bool) -> dict[str, Any]:
    """Decisions, actions and lessons, each on a line of its own, and notes."""
    hint = "One per line: who, what, and by when. Each becomes a task."
    inputs = [
        *([b.context(messages.expected(view))] if view.outputs else []),
        _lines("Decided", "decisions", view.row.decisions),
        forms.text_input(
            "To do", "actions", multiline=True, optional=True, max_length=LONGEST, hint=hint,
            placeholder="Person A: write the runbook, by 2026-03-30",
        ),
        *([b.context("Tasks already: " + ", ".join(view.actions))] if view.actions else []),
        _lines("What went well, what could be better?" if retrospective else "Learned", "lessons", view.row.lessons),
        forms.text_input("Notes", "notes", multiline=True, optional=True, initial=view.row.notes, max_length=LONGEST),
    ]  # fmt: skip
    private = {"number": view.row.number, "changes": view.row.changes}
    return forms.modal(view.name, inputs, callback_id=messages.RECORD, submit="Save", private=private)


def _lines(label: str, block: str, lines: list[str]) -> dict[str, Any]:
    return forms.text_input(
        label, block, multiline=True, optional=True, initial="\n".join(lines), max_length=LONGEST,
        placeholder="One per line",
    )  # fmt: skip


def _form(tx: Tx, who: Asker, number: int) -> Answer:
    meeting = service.mine(tx, who, number)
    part = service.written(tx, meeting.plan_id).get(meeting.key)
    return Modal(record_form(messages.meeting(tx, meeting), retrospective=bool(part and part.retrospective)))


def _record(click: Click[Meeting]) -> Answer:
    texts = {name: click.values.get(name) or "" for name in ("notes", "decisions", "lessons", "actions")}
    lines = {name: lines_of(text) for name, text in texts.items() if name != "notes"}
    service.record(click.tx, click.asker, click.row.number, Outcome(texts["notes"], **lines), click.changes)
    return Done()


def _chosen(click: Click[Titles]) -> Answer:
    """A title of the menu that coordinators get when the plan is over."""
    key, _, wanted = click.rest.partition("/")
    every = service.titles(click.tx, click.asker.directory.plan_id)
    found = next((each.title for each in every if each.team == key and slug(each.title) == wanted), None)
    team = click.asker.directory.teams.get(key)
    if found is None or team is None:
        raise Refused("The plan no longer has this award. `/plan award` lists those it has.")
    awards.award(click.tx, click.asker, team, found)
    return Done()


interactions = (
    ABOUT.button(messages.RECORD, lambda click: _form(click.tx, click.asker, click.row.number)),
    ABOUT.form(messages.RECORD, _record, "actions"),
    TITLES.menu(messages.AWARD, {messages.GIVE: _chosen}),
)


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    plan_id = asker(tx, request).directory.plan_id
    if not service.written(tx, plan_id):
        return Say("This plan has no meetings. They go into the plan file, under `meetings`.")
    coming = [_coming(due) for due in service.coming(tx, plan_id)[:SHOWN]]
    past = [_past(meeting) for meeting in store.meetings(tx, plan_id, SHOWN)]
    shown = [b.section("\n".join(lines)) for lines in (coming, past) if lines]
    return Say("Meetings", [*shown, b.context("`/meeting show NAME` · `record NAME` · `lessons`")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """The newest of a name; one that was not announced yet as it is planned."""
    who, name = asker(tx, request), args["name"] or ""
    part, plan_id = service.planned(tx, who.directory.plan_id, name) if name else None, who.directory.plan_id
    if part and not any(
        row.key == part.key or row.name == part.name for row in store.meetings(tx, plan_id, service.LATELY)
    ):
        dates = [_coming(due) for due in service.coming(tx, plan_id) if due.name == part.name][:SHOWN]
        points = [f"• {m.escape(point.title)}" for point in part.agenda]
        announced = "I announce it 15 minutes before it begins, with how things stand."
        return Say("\n".join([*(dates or [m.bold(m.escape(part.name))]), *points, announced]))
    message = messages.card(messages.meeting(tx, service.latest(tx, asker(tx, request), args["name"] or "")))
    return Say(message.text, message.blocks)


def record(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return _form(tx, who, service.latest(tx, who, args["name"] or "").number)


def lessons(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    learned = service.lessons(tx, who.directory.plan_id)
    if not learned:
        return Say(
            "No lessons yet. Add one: `/plan lesson test the rollback first`. Minutes of meetings take them too."
        )
    return _listed("Lessons", [_learned(each) for each in learned], "Withdraw one: `/plan lessons withdraw NUMBER`")


def _learned(learned: Learned) -> str:
    number = f"{learned.number} " if learned.number else ""
    source = ", ".join(filter(None, (m.escape(learned.of), m.escape(learned.by), m.date(learned.at, "day"))))
    return f"• {number}{learned.text}  _{source}_"


def all_lessons(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What was learned; or withdraw one of it."""
    return _withdrawn(tx, request, args, Lesson) if args["change"] else lessons(tx, request, args)


def learn(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    lesson = remarks.learn(tx, who, args["text"])
    of = m.escape(dict(service.parts(tx, who.directory)).get(lesson.about, ""))
    undo = f"Undo: `/plan lessons withdraw {lesson.number}`"
    return Say(f"Lesson {lesson.number}{f' about {of}' if of else ''} saved. `/plan lessons` shows all. {undo}")


def kudos(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Thank somebody; take that back; or, where nobody is named, list the last."""
    if args["change"]:
        return _withdrawn(tx, request, args, Kudos)
    who = asker(tx, request)
    if args["person"]:
        others, why = _others(args["why"] or "")
        people = [_meant(who, typed) for typed in (args["person"], *others)]
        said = [_praise(tx, who, to, why).text for to in dict.fromkeys(people)]
        return Say("\n".join(said))
    rows = store.remarks(tx, Kudos, who.directory.plan_id, limit=service.LATELY)
    if not rows:
        return Say("No kudos yet. Give some: `/plan kudos @somebody for staying late`")
    return _listed("Kudos", [_praised(who.directory, row) for row in rows], "Withdraw: `/plan kudos withdraw NUMBER`")


def award(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give a team a title; take that back; or, where none is named, list all."""
    if args["change"]:
        return _withdrawn(tx, request, args, Award)
    who = asker(tx, request)
    if args["award"]:
        return _awarded(who, awards.give(tx, who, args["award"]))
    every = service.titles(tx, who.directory.plan_id)
    if not every:
        raise Refused(awards.NONE)
    return _listed("Awards", list(_titles(who.directory, every)), "Give one: `/plan award TEAM TITLE for ...`")


def _awarded(who: Asker, row: Award) -> Answer:
    team = m.escape(who.directory.spoken_of(row.to))
    text = f":trophy: Award {row.number} given: {team}, {m.escape(row.title)}. It is announced in the plan's channel."
    return Say(f"{text} Undo: `/plan award withdraw {row.number}`")


def _titles(directory: Directory, every: list[Title]) -> Iterator[str]:
    for team, titles in groupby(every, key=lambda each: each.team):
        yield m.bold(m.escape(directory.spoken_of(team)))
        for each in titles:
            row = each.award
            given = (
                f" {row.number}, from {m.escape(directory.names_of([row.by]))}, {m.date(row.at, 'day')}" if row else ""
            )
            yield f"{':trophy:' if row else '•'} {m.escape(each.title)}{f'  _award{given}_' if given else ''}"


def _meant(who: Asker, typed: str) -> Person | Team:
    """A team by its key or name, else a person."""
    teams = (team for team in who.directory.teams.values() if m.means(typed, team.key, team.name))
    return next(teams, None) or person(who, typed)


def _others(why: str) -> tuple[list[str], str]:
    """Who else was mentioned before the reason: `@Ben and @Cem for the night`."""
    others: list[str] = []
    while found := ALSO.match(why):
        others.append(found[1])
        why = why[found.end() :]
    return others, why


def _praise(tx: Tx, who: Asker, to: Person | Team, why: str) -> Say:
    given = remarks.praise(tx, who, to, why)
    return Say(f":clap: Kudos {given.number} saved. {_told(tx, who, to)}. Undo: `/plan kudos withdraw {given.number}`")


def _told(tx: Tx, who: Asker, to: Person | Team) -> str:
    if isinstance(to, Team):
        return f"I'm telling {m.escape(to.name)} in their channel"
    called, rests = who.directory.called(to), to.quiet_until(tx.now)
    if who.directory.reach(to) is None:
        return f"I can't reach {called}: the plan has no address"
    return f"I'll tell {called} {m.date(rests, 'both')}" if rests else f"I'm telling {called}"


def _withdrawn(tx: Tx, request: Request, args: Arguments, kind: type[Remark]) -> Answer:
    if args["number"] is None:
        raise Refused(f"Which one? `/plan {remarks.LISTS[kind.subjects]} withdraw NUMBER`")
    row = remarks.withdraw(tx, asker(tx, request), kind, args["number"])
    return Say(f"{kind.subjects.capitalize()} {row.number} withdrawn.")


def _praised(directory: Directory, row: Kudos) -> str:
    source = f"{m.escape(directory.names_of([row.by]))}, {m.date(row.at, 'day')}"
    return f"• {row.number} {m.bold(m.escape(directory.spoken_of(row.to)))}: {row.text}  _{source}_"


def _listed(title: str, lines: list[str], foot: str) -> Say:
    return Say(title, [*fit.paragraphs(lines, PARAGRAPHS), b.context(foot)])


def _coming(due: Happening) -> str:
    return f":spiral_calendar_pad: {m.date(due.at, 'both')}  {m.bold(m.escape(due.name))}"


def _past(meeting: Meeting) -> str:
    counts = {"decision": meeting.decisions, "action": meeting.actions, "lesson": meeting.lessons}
    results = ", ".join(counted(len(lines), word) for word, lines in counts.items() if lines)
    return f":memo: {m.date(meeting.at, 'both')}  {m.bold(m.escape(meeting.name))}: {results or meeting.state}"


def _withdraws(kind: type[Remark]) -> tuple[Choice, Number]:
    number = Number("number", optional=True, find=lambda tx, number: tx.get(kind, number))
    return Choice("change", ("withdraw",), optional=True), number


command = Command(
    word="meeting",
    about="see agendas, and write minutes",
    verbs=(
        Verb("list", listed, "what comes next, and past meetings", reads=True),
        Verb("show", show, "the newest, or the newest of a name", (Name("name", optional=True),), reads=True),
        Verb("record", record, "write the minutes", (Name("name", optional=True),)),
        Verb("lessons", lessons, "everything that was learned", reads=True),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Weekly planning", "record", "lessons"),
)
of_plan = Command(
    word="plan",
    about="",
    verbs=(
        Verb("lesson", learn, "add what you learned, of all or of a team or phase: `backend: test the rollback first`",
             (Text("text", sample="test the rollback first"),)),
        Verb("lessons", all_lessons, "everything that was learned; withdraw one", _withdraws(Lesson)),
        Verb("kudos", kudos, "thank a person or a team; or list the last; withdraw yours",
             (*_withdraws(Kudos), Whom("person", optional=True),
              Text("why", optional=True, sample="for staying late"))),
        Verb("award", award, "give a team a title of the plan, for leads and coordinators; or list all; withdraw one",
             (*_withdraws(Award), Text("award", optional=True, sample="backend Best tests for the suite")),
             aliases=("awards",)),
    ),
    examples=("lesson backend: test the rollback first", "kudos @somebody for staying late", "award"),
)  # fmt: skip
