"""What is typed after `/emergency`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined, same_words
from callboard.emergencies import halts, messages, report, rights, service, store
from callboard.emergencies.models import Emergency, State
from callboard.emergencies.plan import COMMANDER, part_of
from callboard.emergencies.slack import forms
from callboard.slack import small_words
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Taken, Text, Verb, Word
from callboard.slack.help import plain
from callboard.slack.number_lists import read_each, read_few
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import Promised, asker, is_promise, person

LATELY = 5
LEVEL = re.compile(r"(?:(?:level|severity|sev|p)[\s-]*)?(\d)\b(?:[\s,.–—-]|:(?!\w+:))*", re.IGNORECASE)
NUMBERS = re.compile(r"#?(\d{1,9})(?=\s|$)")
THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)
TWO = "Type two numbers, the emergency's first: `/emergency {}`."
SHORT = 200
N = Number("number", optional=True, find=store.find)
Act = Callable[[Tx, Asker, int | None, str], Emergency]


def declare(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`1 database is gone`; without a level, or with nothing behind it, a form asks."""
    who, text = asker(tx, request), args["what"] or ""
    found = LEVEL.match(text)
    level, what = (found[1], text[found.end() :]) if found else ("", text)
    parts = service.levels(tx, who.directory.plan_id)
    if found and what.strip():
        return _declared(tx, who, level, what, _team(who, request))
    known = level in parts
    return Modal(forms.declare_form(tx, who, _team(who, request), level if known else "", what if known else text))


def ask_to_declare(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    return Modal(forms.declare_form(tx, who, _team(who, request)))


def submit_declare(tx: Tx, request: Request) -> Answer:
    values = request.values
    try:
        who = asker(tx, replace(request, plan=request.private.get("plan")))
        return _declared(tx, who, values.get("level") or "", values.get("what") or "", values.get("team"))
    except Refused as refused:
        return Errors({"what": refused.sentence})


def _declared(tx: Tx, who: Asker, level: str, what: str, team: str | None) -> Answer:
    if small_words.says_over(what):
        still, end = store.open_in(tx, who.directory.plan_id), ""
        if still:
            named = joined(f"{row.number} ({m.clip(row.what, SHORT)})" for row in still)
            how = "Over? `/emergency end {0}`. A false alarm? `/emergency withdraw {0}`."
            end = f" Open: {named}. {how.format(still[0].number)}"
        said = m.code(m.clip(what, SHORT))
        raise Refused(f"{said} sounds as if it is over, so nobody was told.{end} Is it one? Say it in other words.")
    for row in store.open_in(tx, who.directory.plan_id):
        if same_words(row.what, what):
            graver = "" if row.level == level else f" Make it level {level}: `/emergency level {row.number} {level}`."
            raise Refused(
                f"{m.escape(row.called)} says that already, since {m.date(row.declared_at)}. "
                f"Nobody was told again.{graver} See it: `/emergency show {row.number}`. "
                "Another one? Say how it differs."
            )
    emergency = service.declare(tx, who.directory.plan_id, level, what, by=who, cause="", team=team)
    return Say(messages.summed_up(messages.view(tx, emergency)))


def _team(who: Asker, request: Request) -> str | None:
    """The asker's team; the channel's where they have several or none."""
    own = [team.key for team in who.directory.teams_of(who.person)]
    with_channel = [team for team in who.directory.teams.values() if team.channel]
    here = [team.key for team in with_channel if who.directory.address(team.channel) == request.channel]
    shared = [team for team in here if team in own or not own]
    return next(iter((*shared, *own, *here)), None)


def take(tx: Tx, request: Request, args: Arguments) -> Answer:
    return took(service.take(tx, asker(tx, request), args["number"], args["role"] or COMMANDER), args["role"])


def took(emergency: Emergency, role: str | None) -> Answer:
    number, role = emergency.number, role or COMMANDER
    over = f"Can't you? Hand it over: `/emergency hand {number} {role} @somebody`"
    if role != COMMANDER:
        return Say(f"You are {role} of emergency {number}. The card shows it. {over}")
    due = f" The first update is due {m.date(emergency.update_at)}." if emergency.update_at else ""
    update = f"Say how it stands: `/emergency update {number} ...`."
    return Say(f"You have command of emergency {number}. Nobody else is paged for it.{due} {update} {over}")


def hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = person(who, args["person"])
    emergency = service.hand(tx, who, args["number"], args["role"], to)
    name, role = who.directory.called(to), args["role"]
    back = f"To take it back: `/emergency hand {emergency.number} {role} {who.person.key}`"
    return Say(f"{name} is {role} of emergency {emergency.number}. I told them. {back}")


def _says(
    act: Act, said: Callable[[Emergency], str], form: Callable[[Emergency], dict[str, Any]] | None = None,
    may: Callable[[Tx, Asker, Emergency], None] = lambda *_: None,
) -> Any:  # fmt: skip
    """A verb that takes a text: without one, its form opens for whoever `may` send it."""

    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        who = asker(tx, request)
        if form and not args["text"]:
            emergency = rights.still_open(tx, who, args["number"], lock=False)
            may(tx, who, emergency)
            return Modal(form(emergency))
        return Say(said(act(tx, who, args["number"], args["text"] or "")))

    return run


def ends(act: Act, verb: str, may: Callable[[Tx, Asker, Emergency], None] = lambda *_: None) -> Act:
    """What ends an emergency; taken for its end, `in 2 hours` would call everybody off, as `users can't log in`."""

    def checked(tx: Tx, who: Asker, number: int | None, text: str) -> Emergency:
        if is_promise(tx, who, text):
            emergency = rights.still_open(tx, who, number, lock=False)
            may(tx, who, emergency)
            number = emergency.number
            instead = f"Is it over now? `/emergency {verb} {number}`. Not yet? `/emergency update {number} ...`"
            raise Promised(text, f"emergency {number} goes on", instead)
        if number is None and small_words.may_go_on(text):
            emergency = rights.still_open(tx, who, number, lock=False)
            may(tx, who, emergency)
            number, said = emergency.number, plain(m.clip(text, SHORT))
            over = f"Is it over, and that was what happened? `/emergency {verb} {number} {said}`"
            other = f"Another one? `/emergency {emergency.level} {verb} {said}`"
            raise Refused(f"{m.code(said)} sounds as if emergency {number} goes on, so it does. {over} {other}")
        return act(tx, who, number, text)

    return checked


def updated(emergency: Emergency) -> str:
    due = f" The next one is due {m.date(emergency.update_at)}." if emergency.update_at else ""
    return f"Your update on emergency {emergency.number} is posted.{due}"


def decided(emergency: Emergency) -> str:
    return f"The decision is recorded on emergency {emergency.number}. Its card and its report show it."


def learned(emergency: Emergency) -> str:
    report = f"`/emergency report {emergency.number}`"
    return f"The lesson is recorded on emergency {emergency.number}. Its report has it: {report}"


def ended(emergency: Emergency) -> str:
    """What whoever ends or withdraws one reads."""
    number, stood = emergency.number, halts.said(emergency.level, part_of(emergency))
    how = "over" if emergency.state == State.ENDED else "withdrawn"
    free = forms.ALONE if stood else ""
    undo = f"By mistake? `/emergency reopen {number}`"
    return f"Emergency {number} is {how}. I tell whoever was told.{free} Report: `/emergency report {number}`. {undo}"


def reopen(tx: Tx, request: Request, args: Arguments) -> Answer:
    return reopened(service.reopen(tx, asker(tx, request), args["number"]))


def reopened(emergency: Emergency) -> Answer:
    stood = halts.said(emergency.level, part_of(emergency))
    again = f" Until it is over: {stood}." if stood else ""
    return Say(f"Emergency {emergency.number} goes on. I tell whoever was told.{again}")


def action(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`action 2`, `action 1, 2` and `action 3 2` tick, `action restart it` and `action 3 restart it` add.

    Alone, the form.
    """
    who, text = asker(tx, request), (args["text"] or "").strip()
    if not text:
        shown = rights.still_open(tx, who, None, lock=False)
        rights.may_act(tx, who, shown)
        return Modal(forms.actions_form(shown))
    if found := _places(text):
        emergency = service.tick(tx, who, *found)
        return Say(_done(emergency, found[1:], "done", f"Not done? `/emergency untick {emergency.number}"))
    first = NUMBERS.match(text)
    number = int(first[1]) if first else None
    emergency = service.add_action(tx, who, number, text[first.end() :] if first else text)
    place = len(emergency.actions)
    done = f"Done? `/emergency action {emergency.number} {place}`"
    said = m.clip(emergency.actions[-1]["text"], SHORT)
    return Say(f"Action {place} is on the card of emergency {emergency.number}: {said}\n{done}")


def untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    found = _places(args["action"])
    if found is None:
        raise Refused(TWO.format("untick 3 2"))
    emergency = service.untick(tx, asker(tx, request), *found)
    return Say(_done(emergency, found[1:], "open again"))


def _places(text: str) -> tuple[int | None, *tuple[int, ...]] | None:
    """An emergency, where it is named, and its actions: `2`, `1, 2`, `1-2`, `3 2`, `3 1-2`; None for other words."""
    places = read_few(text)
    if places and not places[1].strip():
        return None, *places[0]
    first = NUMBERS.match(text)
    of_it = read_each(text[first.end() :].strip()) if first else None
    return (int(first[1]), *of_it[0]) if first and of_it and not of_it[1].strip() else None


def _done(emergency: Emergency, places: Sequence[int], how: str, undo: str = "") -> str:
    """What became of actions; `undo` is typed with their numbers behind it."""
    numbers = ", ".join(map(str, places))
    said = f"{'Actions' if len(places) > 1 else 'Action'} {joined(map(str, places))} of emergency {emergency.number}"
    back = f" {undo} {numbers}`" if undo else ""
    return f"{said} {'are' if len(places) > 1 else 'is'} {how}.{back}"


def level(tx: Tx, request: Request, args: Arguments) -> Answer:
    number, wanted = _two(args["level"], "level 3 2")
    who = asker(tx, request)
    was = rights.still_open(tx, who, number).level
    emergency = service.change_level(tx, who, number, str(wanted))
    told = "Everybody whom it names is told. " if emergency.level < was else ""
    undo = f"By mistake? `/emergency level {emergency.number} {was}`"
    now = f"is level {emergency.level} ({m.escape(emergency.name)}) now."
    return Say(f"Emergency {emergency.number} {now} {told}{undo}")


def _numbers(text: str) -> list[int]:
    """The numbers of which a text consists; none where it says anything else."""
    words = [NUMBERS.fullmatch(word) for word in text.split()]
    return [int(word[1]) for word in words if word] if all(words) else []


def _two(text: str, example: str) -> tuple[int | None, int]:
    """An emergency, where it is named, and another number."""
    numbers = _numbers(text)
    if not 0 < len(numbers) <= 2:  # noqa: PLR2004 - the emergency and the number
        found = LEVEL.match(text)
        declare = f" To declare one: `/emergency {plain(text)}`." if found and text[found.end() :].strip() else ""
        raise Refused(f"{TWO.format(example)}{declare}")
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (None, numbers[0])


def meet(tx: Tx, request: Request, args: Arguments) -> Answer:
    emergency = service.meet(tx, asker(tx, request), args["number"])
    record = f"Record what you decide: `/emergency decide {emergency.number} ...`"
    return Say(f"I told those who lead it: {messages.view(tx, emergency).place}. {record}")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    found = rights.known(tx, asker(tx, request), args["number"], lock=False, over=True)
    message = messages.card(messages.whole(tx, found))
    return Say(message.text, message.blocks)


def list_all(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    plan_id = who.directory.plan_id
    chapters = {"Open": store.open_in(tx, plan_id), "Over": store.latest(tx, plan_id, LATELY)}
    lines = {title: messages.listed(who.directory, rows) for title, rows in chapters.items() if rows}
    if not lines:
        return Say("No emergency was ever declared here. To declare one: `/emergency 1 what happened`.")
    shown = [b.section("\n".join([m.bold(title), *rows])) for title, rows in lines.items()]
    return Say("Emergencies", shown)


def show_report(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return reported(tx, rights.known(tx, who, args["number"], lock=False, over=True))


def reported(tx: Tx, emergency: Emergency) -> Answer:
    text = m.escape(report.markdown(tx, emergency))
    command = f"callboard export --plan {_plan_key(tx, emergency)} --emergency {emergency.number} --to report.md"
    return Say(f"Report of emergency {emergency.number}", [*fit.pieces(text), b.context(f"As a file: `{command}`")])


def _plan_key(tx: Tx, emergency: Emergency) -> str:
    return teams.directory(tx, emergency.plan_id).plan_key


class Role(Word):
    """A role, also `the scribe`; whoever takes `command` is commander."""

    def take(self, text: str) -> Taken | None:
        role = super().take(THE.sub("", text))
        return (COMMANDER, role[1]) if role and role[0].lower() == "command" else role


FREE = Text("text", optional=True)
command = Command(
    word="emergency",
    about="Declare an emergency: everybody whom its level names is told at once",
    verbs=(
        Verb("take", take, "take command, or another role", (N, Role("role", optional=True)),
             aliases=("command", "ack", "acknowledge")),
        Verb("hand", hand, "hand a role over", (N, Role("role", sample="commander"), Person("person"))),
        Verb("update", _says(service.update, updated, forms.update_form, rights.may_update),
             "say how it stands", (N, FREE)),
        Verb("action", action, "tick an action by its number, or add one", (FREE,), aliases=("actions", "done")),
        Verb("untick", untick, "reopen an action", (Text("action", sample="3 2"),)),
        Verb("decide", _says(service.decide, decided, forms.decide_form, rights.may_decide),
             "record what was decided", (N, FREE), aliases=("decided",)),
        Verb("lesson", _says(service.learn, learned), "record what was learned",
             (N, Text("text", sample="watch the disk")), aliases=("learned",)),
        Verb("meet", meet, "call a meeting", (N,), aliases=("meeting",)),
        Verb("level", level, "make it graver or milder", (Text("level", sample="3 2"),)),
        Verb("end", _says(ends(service.end, "end", rights.may_end), ended, forms.end_form, rights.may_end),
             "end it, and say what helped", (N, FREE),
             aliases=("close", "over", "resolve", "ended", "closed", "resolved", "fixed", "solved", "finished")),
        Verb("withdraw", _says(ends(service.withdraw, "withdraw", rights.may_withdraw), ended),
             "it was a false alarm", (N, FREE), aliases=("cancel", "undo")),
        Verb("reopen", reopen, "it is not over: take its end back", (N,), aliases=("resume",)),
        Verb("show", show, "one emergency", (N,), aliases=("status",), reads=True),
        Verb("report", show_report, "its report, as Markdown", (N,), reads=True),
        Verb("list", list_all, "the open ones, and the last that are over", aliases=("ls",), reads=True),
        Verb("declare", declare, "declare one, whatever its first word is",
             (Text("what", sample="1 database is gone"),)),
    ),
    otherwise=Verb("", declare, "declare one, by its level", (Text("what"),)),
    alone=ask_to_declare,
    alone_reads=True,
    sentences=False,
    called=lambda _tx, number: str(number),
    news="update",
    waits=lambda tx, number: (found := store.find(tx, number)) is not None and found.is_open,
    examples=("1 database is gone", "take commander", "update the replica takes over", "end restarted the database"),
)  # fmt: skip
