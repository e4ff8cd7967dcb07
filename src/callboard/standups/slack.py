"""How people meet standups in Slack: `/standup`, its form and its buttons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, Unknown
from callboard.core.words import counted
from callboard.planning import slack as teams
from callboard.slack import small_words
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Command, Name, Person, Text, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.standups import messages, models, schedule, service, store
from callboard.standups.models import CheckIn, day_name, planned
from callboard.standups.service import Figures, Report
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task
from callboard.tasks.slack.buttons import read_percent
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Click, Press, asker, reasoned
from callboard.teams.slack.days import Days

LONGEST, MOST, SOON = 2500, 8, timedelta(days=7)
A_FEW = 3
"""From so many words on what is typed is a report, and no name."""
LATER = re.compile(
    r"(?:(?:un)?till?|tomorrow)\b.*|(?:on\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:this|next)\s+week|\d{4}-\d\d.*|for\s+\d.*",
    re.IGNORECASE | re.DOTALL,
)
"""Days, where a reason was expected."""
LENGTHS = (500, 200, 100, 50, 20)
"""To how many characters questions are cut until the form carries all of them."""
NOTHING = "Nothing to report"
CHOICES = (State.NOT_STARTED, State.IN_PROGRESS, State.COMPLETED)
ORDER = (State.IN_PROGRESS, State.BLOCKED, State.NOT_STARTED)
COUNTED = {"submitted": "in time", "late": "late", "missed": "missed", "excused": "excused"}
CHECK_IN = About(store.check_in, schedule.GONE)


def fill(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Fill in the round that is open, the one of today again, or the next one ahead of time.

    What is typed is the name of a standup, or a report: the form opens with it.
    """
    who, typed = asker(tx, request), m.unescape(args.get("name") or "")
    _refuse_others(args.get("name") or "")
    try:
        return form(tx, who, *schedule.open_round(tx, who, small_words.without_now(typed)))
    except Unknown:
        if len(typed.split()) < A_FEW or command.near(typed.split()[0]):
            raise
    return form(tx, who, *schedule.open_round(tx, who), typed)


def _refuse_others(typed: str) -> None:
    """Nobody reports for somebody else, nor skips for them."""
    if somebody := m.MENTION.match(re.sub(r"^\s*for\s+", "", typed, flags=re.IGNORECASE)):
        person = m.mention(somebody[1])
        raise Refused(f"Everybody reports and skips for themselves. Is {person} away? `/standup away today @somebody`")


def skip(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    name, why = reasoned(args["reason"] or "")
    _refuse_others(args["reason"] or "")
    if not why and LATER.fullmatch(name):
        raise Refused(
            "You can skip only the round that is open: `/standup skip because ...`. For other days type those: "
            "`/standup away tomorrow`, or `/standup away until 2026-04-02`."
        )
    name, why = (name, why) if why else ("", name)
    if why and small_words.says_nothing(why):
        raise Refused("Say why: `/standup skip because ...`. The others see it.")
    key, day = schedule.open_round(tx, who, name)
    service.skip(tx, who, key, day, m.escape(why))
    called = m.escape(schedule.book_of(tx, who.directory.plan_id).standups[key].name)
    return Say(f"You skip {called} of {day_name(day)}. The others see why. Undo: `/standup {called}`.")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show the newest round of the standup that is named, or of each, with all that was said."""
    plan_id = asker(tx, request).directory.plan_id
    keys = schedule.named(schedule.book_of(tx, plan_id), m.unescape(args["name"] or ""))
    rounds = [newest for key in keys if (newest := store.last_round(tx, plan_id, key))]
    rounds.sort(key=lambda one_round: one_round.day, reverse=True)
    if not rounds:
        return Say("No standup was held yet. `/plan calendar` shows your next ones.")
    shown = [messages.whole(messages.round_view(tx, one_round)) for one_round in rounds]
    return Say(shown[0].text, [block for message in shown for block in message.blocks])


def stats(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    lines = []
    for whole, people in service.figures(tx, who).values():
        head = f"{m.bold(m.escape(whole.name))}, {counted(whole.rounds, 'round')}: {_figures(whole)}"
        own = [f"{m.escape(who.directory.people[one.name].name)}: {_figures(one)}" for one in people]
        lines.append(b.section("\n".join([head, *own])))
    if not lines:
        return Say("No standup was held in the last thirty days.")
    hint = "Away, skipped or not asked counts as excused."
    return Say("Standups of the last thirty days", [*lines, b.context(hint)])


def _figures(one: Figures) -> str:
    shown = ", ".join(f"{one.states[state]} {word}" for state, word in COUNTED.items() if one.states[state])
    return f"{one.percent}% reported ({shown or 'nothing yet'})"


def form(tx: Tx, who: Asker, key: str, day: date, typed: str = "") -> Modal:
    """The form of a round with all that is known already, or was `typed`. Raises Refused once the next round began."""
    plan_id, me = who.directory.plan_id, who.person.key
    book, check_in = schedule.book_of(tx, plan_id), service.current(tx, who, key, day)
    at = check_in.at if check_in else schedule.own_slot(tx, book, who, key, day).at
    before = planned(store.last_answered(tx, store.Place(plan_id, key, me, day)))
    said = {answer["ask"]: answer["said"] for answer in check_in.answers} if check_in else {}
    asked = schedule.questions(book, key, who.person, at) or tuple(said)
    said |= _parted(typed, asked) if typed else {}
    questions = [(ask, said.get(ask, before if models.looks_back(ask) and not said else "")) for ask in asked]
    waits_for = who.directory.people.get(check_in.waits_for) if check_in and check_in.waits_for else None
    own = [task for task in tasks.seen(tx, plan_id) if me in task.assignees and not tasks.settled(task)]
    own.sort(key=lambda task: (ORDER.index(State(task.status)), task.position))
    near = [task for task in own if task.started_at or not task.from_at or task.from_at <= tx.now + SOON][:MOST]
    private = {
        "plan": who.directory.plan_key, "standup": key, "day": day.isoformat(), "ask": list(asked),
        "tasks": {task.key: [task.status, task.percent] for task in near},
    }  # fmt: skip
    inputs = [
        b.context(day_name(day)), *_questions(questions, waits_for.slack_id if waits_for else ""),
        *_open_blockers(tx, who), *_tasks(near, len(own) - len(near)),
    ]  # fmt: skip
    submit = "Save" if check_in and check_in.answered else "Report"
    name = book.standups[key].name
    return Modal(forms.modal(name, inputs, callback_id="standup.submit", submit=submit, private=_fitting(private)))


def _parted(typed: str, asked: Sequence[str]) -> dict[str, str]:
    """A typed report by its questions, `Today: the tests`; what stands before any of them answers the first."""
    names = {re.escape(ask.strip("?: ").casefold()): ask for ask in asked}
    parts = re.split(rf"(?<!\w)({'|'.join(names)})\s*:\s*", typed, flags=re.IGNORECASE)
    found = {names[re.escape(name.casefold())]: said for name, said in zip(parts[1::2], parts[2::2], strict=True)}
    said = {asked[0]: parts[0]} | found if parts[0].strip() else found
    return {
        ask: m.clip(m.MENTION.sub(lambda somebody: m.mention(somebody[1]), words.strip(" \n,;.")), LONGEST)
        for ask, words in said.items()
    }


def _questions(questions: Sequence[tuple[str, str]], waits_for: str) -> Iterator[dict[str, Any]]:
    about_blockers = [place for place, (ask, _) in enumerate(questions) if models.asks_for_blockers(ask)]
    for place, (ask, said) in enumerate(questions):
        hint = "One a line. You can then raise each as a blocker." if place in about_blockers else None
        yield forms.text_input(
            ask, f"q{place}", multiline=True, optional=True, initial=said, max_length=LONGEST, hint=hint
        )
        if place in about_blockers[:1]:
            yield forms.user_input("Who are you waiting for?", "waits_for", optional=True, initial=waits_for or None)


def _open_blockers(tx: Tx, who: Asker) -> Iterator[dict[str, Any]]:
    """The open blockers that somebody raised, has or is waited for with."""
    lines = []
    for blocker in blockers.open_ones(tx, who.directory.plan_id):
        if who.person.key in (blocker.reporter, blocker.owner, blocker.waits_for):
            has = f"{who.directory.called(blocker.owner)} has it" if blocker.owner else "nobody has it yet"
            lines.append(f":octagonal_sign: Blocker {blocker.number}: {m.clip(blocker.what, 200)} ({has})")
    if lines:
        listed = fit.fitting(["Already open, no need to repeat:", *lines], b.CONTEXT_TEXT, ": `/blocker list`")
        yield b.context(listed)


def _tasks(own: Sequence[Task], more: int) -> Iterator[dict[str, Any]]:
    """The tasks that somebody has begun, or may begin within a week; how many `more` they have."""
    if own:
        yield b.divider()
        yield b.section("*Your tasks*. What you change here is saved with your report.")
    for place, task in enumerate(own):
        states = [(state.capitalize(), state) for state in dict.fromkeys([str(task.status), *map(str, CHOICES)])]
        title = m.clip(f"{task.key} {m.escape(task.title)}", 150)
        yield forms.select_input(title, f"status{place}", states, initial=str(task.status))
        yield forms.text_input(
            f"{task.key}: percent done", f"percent{place}", initial=str(task.percent), max_length=4, optional=True
        )
    if more:
        yield b.context(f"and {more} more: `/task mine`" if own else f"{counted(more, 'task')} for later: `/task mine`")


def _fitting(private: dict[str, Any]) -> dict[str, Any]:
    """What the form carries along, within Slack's limit: questions are the only long part of it."""
    short = private
    for longest in LENGTHS:
        if len(json.dumps(short, ensure_ascii=False)) > forms.PRIVATE:
            short = {**private, "ask": [m.clip(ask, longest) for ask in private["ask"]]}
    return short


def _submit(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who, key, day = _round(tx, request)
    said = [(str(ask), (values.get(f"q{place}") or "").strip()) for place, ask in enumerate(private["ask"])]
    if said and not any(text for _, text in said):
        said[0] = (said[0][0], NOTHING)
    user = values.get("waits_for") or ""
    waits_for = who.directory.by_slack(user)
    if user and waits_for is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}. Choose somebody of the plan."})
    if wrong := _change_tasks(tx, who, private.get("tasks") or {}, values):
        return Errors(wrong)
    service.submit(tx, who, key, day, Report(said, waits_for.key if waits_for else ""))
    return Done()


def _change_tasks(tx: Tx, who: Asker, drawn: Mapping[str, Sequence[Any]], values: Mapping[str, Any]) -> dict[str, str]:
    """Do with tasks what the form says; what is wrong, by field."""
    wrong: dict[str, str] = {}
    for place, (key, (status, before)) in enumerate(drawn.items()):
        chosen = values.get(f"status{place}") or status
        percent = read_percent((values.get(f"percent{place}") or "").strip() or str(before))
        if percent is None:
            wrong[f"percent{place}"] = "Write a number from 0 to 100."
            continue
        try:
            _change(tx, who, key, chosen if chosen != status else "", percent if percent != before else None)
        except Refused as refused:
            wrong[f"status{place}" if chosen != status else f"percent{place}"] = refused.sentence
    return wrong


def _change(tx: Tx, who: Asker, key: str, status: str, percent: int | None) -> None:
    if status == State.COMPLETED:
        tasks.complete(tx, who, key)
    elif status == State.IN_PROGRESS and percent is None:
        tasks.start(tx, who, key)
    elif status == State.NOT_STARTED:
        raise Refused(f"{key} has started. Update its progress, complete it, or give it back: `/task release {key}`.")
    elif percent is not None:
        tasks.progress(tx, who, key, percent)


def _submit_skip(tx: Tx, request: Request) -> Answer:
    service.skip(tx, *_round(tx, request), request.values.get("why") or "")
    return Done()


def _round(tx: Tx, request: Request) -> tuple[Asker, str, date]:
    private = request.private
    who = asker(tx, replace(request, plan=str(private["plan"])))
    return who, str(private["standup"]), date.fromisoformat(str(private["day"]))


def _own(press: Press[CheckIn]) -> Press[CheckIn]:
    def pressed(click: Click[CheckIn]) -> Answer:
        if click.asker.person.key != click.row.person:
            raise Refused(f"That is for {click.asker.directory.called(click.row.person)}. `/standup` opens yours.")
        return press(click)

    return pressed


def _ask_why(click: Click[CheckIn]) -> Answer:
    tx, who, row = click.tx, click.asker, click.row
    part = schedule.book_of(tx, row.plan_id).standups.get(row.standup)
    service.current(tx, who, row.standup, row.day)
    return skip_form(who.directory.plan_key, row.standup, part.name if part else row.standup, row.day)


def skip_form(plan: str, standup: str, name: str, day: date) -> Modal:
    private = {"plan": plan, "standup": standup, "day": day.isoformat()}
    inputs = [
        b.section(f"{m.bold(m.escape(name))}, {day_name(day)}: the others see why."),
        forms.text_input("Why do you skip it?", "why", max_length=200, placeholder="All day at the dentist"),
    ]
    return Modal(forms.modal("Skip this round", inputs, callback_id="standup.skip", submit="Skip", private=private))


def _raise(click: Click[CheckIn]) -> Answer:
    blocker = service.raise_line(click.tx, click.asker, click.row.number, int(click.rest), click.changes)
    waits = f" It waits for {click.asker.directory.called(blocker.waits_for)}." if blocker.waits_for else ""
    number = blocker.number
    pages = f"Blocker {number} is open and pages people until somebody takes it."
    return Say(f"{pages}{waits} Undo: `/blocker withdraw {number}`.")


interactions = (
    CHECK_IN.button(messages.FILL, _own(lambda click: form(click.tx, click.asker, click.row.standup, click.row.day))),
    CHECK_IN.button(messages.SKIP, _own(_ask_why)),
    CHECK_IN.button(messages.RAISE, _own(_raise)),
    Interaction("modal", "standup.submit", _submit),
    Interaction("modal", "standup.skip", _submit_skip),
)
command = Command(
    word="standup",
    about="fill in your standup, see everybody's, skip it",
    verbs=(
        Verb("show", show, "show the newest round with all answers", (Name("name", optional=True),), reads=True),
        Verb("skip", skip, "skip this round: `because ...`", (Text("reason", optional=True),)),
        Verb(
            "away", teams.away, "say when you, or somebody, will be away: nobody asks you then",
            (Days("days"), Person("person", optional=True)),
        ),
        Verb("back", teams.back, "remove an absence", (Person("person", optional=True),)),
        Verb("stats", stats, "show how many reported in the last thirty days", reads=True),
    ),
    otherwise=Verb("fill", fill, "fill in the one that is named", (Text("name"),)),
    alone=fill,
    alone_reads=True,
    sentences=False,
    called=lambda _tx, _number: "",
    topic=models.CHECK_IN,
    news="",
    examples=("Daily", "show", "skip because I am at the dentist", "away 2026-03-30..31", "stats"),
)  # fmt: skip
