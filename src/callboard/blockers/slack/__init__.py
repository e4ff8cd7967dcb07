"""`/blocker`, the buttons on its cards, its forms and its message shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import time

from callboard import blocks as b
from callboard.blockers import messages, rights, service, store
from callboard.blockers.messages import history
from callboard.blockers.models import Blocker, State
from callboard.blockers.plan import settings, usual_severity
from callboard.blockers.service import MENTION, Raised
from callboard.blockers.slack import classes, grades
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import capital, counted, joined
from callboard.escalation import service as escalation
from callboard.slack import small_words
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Command, Numbers, Person, Question, Said, Text, Verb, When
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import BECAUSE, Promised, asker, instant, is_promise, is_when, person

PREFIX = re.compile(r"\s*+!?([^:!\n]{1,60}?)(?:\s*[:!]\s*|\s+[-–—]+\s+|\s*$)")
TO = re.compile(r"^(?:to|as|is|it)\s+", re.IGNORECASE)
SIGN, LETTER = re.compile(r"\w"), re.compile(r"[^\W\d_]")
NUMBERED = re.compile(r"\A[^\W\d_]++\s++#?\d{1,9}(?!\S)", re.IGNORECASE)
WAITS_FOR = re.compile(r"\bwait(?:s|ing)?\s+(?:for|on)\s+<@([A-Z0-9]+)", re.IGNORECASE)
LATELY, MOST_NAMED, SHORT, MOST_MEANT = 10, 8, 200, 3
OTHERS = (
    "add|assign|attach|bump|call|change|delete|due|duplicate|edit|eta|follow|label|link|lower|mark|merge|move|mute|page|"
    "ping|post|prioriti[sz]e|put|raise|remind|remove|rename|set|subscribe|tag|watch"
)
"""What other tools can do with a row."""
ORDER = re.compile(
    rf"(?:{OTHERS})\s+(?:[a-z]+\s+){{0,3}}#?(\d{{1,9}})(?!\S)|#?(\d{{1,9}})\s+(?:{OTHERS})(?!\S)", re.IGNORECASE
)
WHAT_IS_OPEN = re.compile(
    r"(?:are\s+there\s+)?any\s+(?:open\s+)?blockers|what(?:['’]s|\s+is)\s+(?:blocked|blocking(?:\s+us)?)|(?:open|all)\s+blockers",
    re.IGNORECASE,
)
A_FEW_WORDS = 2
"""Up to so many words may be a slip: they are asked about."""
MORNING = time(9)
"""When a snooze ends that names only a day."""
NUMBER = Numbers("number", find=store.find)
NOTHING, NOTE = Raised(what=""), Said("note", optional=True)
NOT_ME = re.compile(r"(?:no|nope|not|(?:i\s+)?(?:can(?:['’]?t|not)|won['’]?t|don['’]?t))\b", re.IGNORECASE)
"""How somebody begins who says that they don't take it."""
Act = Callable[[Tx, Asker, int, int | None], Answer]


def raise_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open a blocker from what was typed: `critical: mongo refuses TLS, waits for @somebody`."""
    who = asker(tx, request)
    raising = _said(tx, who, args["what"])
    if not raising.what:
        return raise_form(tx, request, who, raising)
    return raised(tx, who, service.raise_blocker(tx, who, raising, channel_team(who, request)))


def raise_named(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open one, whatever its first word is. Raises Refused for `raise severity of 1`."""
    if graded := grades.meant(tx, asker(tx, request), f"raise {args['what']}"):
        ways = joined([f"`{request.command} {typed}`" for typed in graded], word="or")
        raise Refused(f"To change how bad a blocker is: {ways}. To raise one, say what is blocked.")
    return raise_it(tx, request, args)


def ask_first(tx: Tx, request: Request, text: str, verb: str | None) -> Question | None:
    """What raising this would do: of a word or two, and of what looks like a verb."""
    who = asker(tx, request)
    raising = _said(tx, who, text)
    about = _named(tx, who, text) if verb is None else None
    graded = grades.meant(tx, who, text)
    if verb == "raise" or (verb is None and not (about or graded or _may_be_a_slip(raising.what))):
        return None
    people = joined(service.would_page(tx, who, raising, channel_team(who, request))) or "nobody"
    verb = "resolve" if not verb and small_words.may_be_over(text) else verb
    likely = service.likely_meant(tx, who)[:MOST_MEANT] if verb in ABOUT_ONE else ()
    meant = graded or ((f"show {about}",) if about else tuple(f"{verb} {blocker.number}" for blocker in likely))
    return Question(f"raise “{m.clip(raising.what, SHORT)}” and page {people}", "Raise it", meant)


def _named(tx: Tx, who: Asker, text: str) -> int | None:
    """The open blocker that a verb of some other tool is about: `link 1 to O-2`, `add a note to 1`, `1 eta 30m`."""
    found = ORDER.match(text.strip())
    if found is None:
        return None
    number, still = int(found[1] or found[2]), service.open_ones(tx, who.directory.plan_id)
    return number if any(blocker.number == number for blocker in still) else None


def _may_be_a_slip(what: str) -> bool:
    """Whether it is a word or two, a word and numbers, small words only, or says that something is well again."""
    words, told = list(filter(SIGN.search, what.split())), NUMBERED.sub("", what, count=1)
    few = len(words) <= A_FEW_WORDS or not any(map(LETTER.search, words[1:]))
    slips = few or small_words.says_nothing(told, command.small) or small_words.may_be_over(what)
    return slips and m.says_something(what)


def ask_to_raise(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return raise_form(tx, request, asker(tx, request))


def raise_form(tx: Tx, request: Request, who: Asker, said: Raised = NOTHING) -> Modal:
    """The form for a new blocker, with what was said already."""
    rules, teams = settings(tx, who.directory.plan_id), [(team.name, team.key) for team in who.directory.teams.values()]
    severities, categories = choices(rules.severities), choices(rules.categories)
    usual = service.team_concerned(who, channel_team(who, request))
    initial = b.option_value(said.severity or usual_severity(rules))
    category = b.option_value(said.category) if said.category else None
    inputs = [
        forms.text_input("What is blocked?", "what", multiline=True, initial=said.what, max_length=3000,
                     placeholder="mongo refuses TLS from staging"),
        forms.select_input("How bad is it?", "severity", severities, initial=initial),
        *([forms.select_input("What kind?", "category", categories, initial=category, optional=True)]
          if categories else []),
        *([forms.select_input("Which team?", "team", teams, initial=usual, optional=True)] if teams else []),
        forms.user_input("Who can help?", "waits_for", optional=True),
        forms.text_input("What does it block?", "blocks", optional=True, max_length=300),
    ]  # fmt: skip
    private = {"plan": who.directory.plan_key, "channel": request.channel, "channel_name": request.channel_name}
    return Modal(forms.modal("Raise a blocker", inputs, callback_id="blocker.raise", submit="Raise", private=private))


def choices(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(capital(name), b.option_value(name)) for name in names]


def submit_raise(tx: Tx, request: Request) -> Answer:
    """Open a blocker from the form, as if it were typed where the form was opened."""
    opened = {"plan": None, "channel": "", "channel_name": ""} | dict(request.private)
    who, values = asker(tx, replace(request, **opened)), request.values
    if not m.says_something(values.get("what") or ""):
        return Errors({"what": "Say in a few words what is blocked."})
    helper = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and helper is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}. Choose somebody else, or nobody."})
    rules, fields = settings(tx, who.directory.plan_id), {field: values.get(field) for field in ("team", "blocks")}
    for field, names in (("severity", rules.severities), ("category", rules.categories)):
        fields[field] = b.option_text(values.get(field), names)
    raising = Raised(what=values["what"], waits_for=helper.key if helper else None, **fields)
    return raised(tx, who, service.raise_blocker(tx, who, raising))


def raised(tx: Tx, who: Asker, blocker: Blocker) -> Answer:
    mentioned = dict.fromkeys(MENTION.findall(blocker.what))
    strangers = [m.mention(user) for user in mentioned if not who.directory.by_slack(user)]
    return Say(messages.raised(messages.view(tx, blocker, troubled=()), strangers))


def _does(verb: Callable[..., Blocker], sentence: str, undo: str = "") -> Act:
    """A verb, and what is answered: `sentence` and `undo` have a place for the number."""
    return lambda tx, who, number, changes: _done(
        tx, verb(tx, who, number, expected=changes), sentence.format(number), undo.format(number)
    )


def withdraw(tx: Tx, who: Asker, number: int, changes: int | None = None, reason: str | None = None) -> Answer:
    refuse_promise(tx, who, number, reason, "Was it raised by mistake? Say why, or nothing: `/blocker withdraw {}`")
    service.withdraw(tx, who, number, reason or "", changes)
    return Say(f"Blocker {number} is withdrawn. By mistake? `/blocker reopen {number}`")


def _done(tx: Tx, blocker: Blocker, sentence: str, undo: str = "") -> Answer:
    tx.session.flush()
    return Say(f"{sentence} {messages.what_next(messages.view(tx, blocker, troubled=()))}{undo}")


def typed(act: Act, stays: str, ask: str) -> Callable[[Tx, Request, Arguments], Answer]:
    """What is added is a note, unless it says only when: then it `stays`, and `ask` is what to type once it is so."""

    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        return _with_note(tx, asker(tx, request), act, args["number"], args["note"], stays, ask)

    return run


def _with_note(tx: Tx, who: Asker, act: Act, number: int, note: str | None, stays: str, ask: str) -> Answer:
    if note and is_when(tx, who, note):
        raise Promised(note, stays.format(number), ask.format(number))
    answer = act(tx, who, number, None)
    if note:
        service.note(tx, who, number, note)
    return answer


def _take(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Without a number it is the only one that waits for the asker."""
    who, note = asker(tx, request), args["note"]
    number = _only_one(tx, who) if args["number"] is None else args["number"]
    if note and NOT_ME.match(note):
        raise Refused(
            f"{m.code(m.clip(note, SHORT))} says that you don't take it, so blocker {number} is as it was. Who does? "
            f"`/blocker reassign {number} @somebody`. You do? `/blocker ack {number}`"
        )
    return _with_note(tx, who, take, number, note, "you don't have blocker {} yet", "Take it now: `/blocker ack {}`")


def _snooze(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    until = instant(tx, who, args["when"], MORNING)
    service.snooze(tx, who, args["number"], until)
    return Say(f"Blocker {args['number']} is snoozed until {m.date(until, 'both')}. Then escalation resumes.")


def _grade(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`severity 1 critical because production is down`."""
    severity, _, reason = TO.sub("", args["severity"]).partition(" ")
    number, who = args["number"], asker(tx, request)
    was = rights.still_open(tx, who, number, None, lock=False).severity
    blocker = service.grade(tx, who, number, severity.strip(",.:;"), BECAUSE.sub("", reason.strip()))
    undo = f" By mistake? `/blocker severity {number} {was}`"
    return _done(tx, blocker, f"Blocker {number} is {m.escape(blocker.severity)} now.", undo)


def _reassign(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = person(who, args["person"])
    blocker = service.reassign(tx, who, args["number"], to)
    asked = f"{who.directory.called(to)} is asked to take blocker {blocker.number}."
    return _done(tx, blocker, f"You have blocker {blocker.number}." if to.key == who.person.key else asked)


def _resolve(tx: Tx, request: Request, args: Arguments) -> Answer:
    who, outcome = asker(tx, request), args["outcome"] or ""
    refuse_promise(tx, who, args["number"], outcome)
    blocker = service.resolve(tx, who, args["number"], outcome)
    number, how = blocker.number, "resolved" if blocker.state == State.RESOLVED else "closed"
    same = "" if blocker.state == State.RESOLVED else f": {blocker.outcome}"
    return Say(f"Blocker {number} is {how}{same}. By mistake? `/blocker reopen {number}`")


def refuse_promise(
    tx: Tx, who: Asker, number: int, said: str | None,
    ask: str = "Is it over? Say what helped, or nothing: `/blocker resolve {}`",
) -> None:  # fmt: skip
    """Taken for an outcome, `in 2 hours` would stop all pages."""
    if said and is_promise(tx, who, said):
        number, noted = rights.still_open(tx, who, number, None).number, m.clip(said, SHORT)
        later = f"Not yet? `/blocker note {number} {noted}`"
        raise Promised(said, f"blocker {number} is still open", f"{ask.format(number)}. {later}")


def _note(tx: Tx, request: Request, args: Arguments) -> Answer:
    blocker = service.note(tx, asker(tx, request), args["number"], args["text"])
    return _done(tx, blocker, f"Your note is in the thread of blocker {blocker.number}.")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    blocker = rights.known(tx, asker(tx, request), args["number"], lock=False)
    entries = timeline.history(tx, blocker.subject)
    title = f"Blocker {blocker.number}: {m.clip(blocker.what, SHORT)}"
    return Say(title, history.history(messages.view(tx, blocker), entries, escalation.receipts(tx, blocker.subject)))


def list_open(tx: Tx, request: Request, _args: Arguments) -> Answer:
    plan_id = asker(tx, request).directory.plan_id
    count = len(store.counted(tx, plan_id))
    opened = [messages.in_list(tx, blocker) for blocker in store.open_in(tx, plan_id, messages.MOST_LISTED)]
    closed = [messages.in_list(tx, blocker) for blocker in store.closed_lately(tx, plan_id, LATELY)]
    blocks = messages.listed("Open blockers", opened, "No blocker is open. :tada:", count)
    return Say(counted(count, "open blocker"), [*blocks, *messages.listed("Closed last", closed)])


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    mine = [messages.in_list(tx, blocker) for blocker in service.waiting_for(tx, asker(tx, request))]
    blocks = messages.listed("Waiting for you", mine, "No blocker waits for you.")
    return Say(f"Waiting for you: {counted(len(mine), 'blocker')}", blocks)


def channel_team(who: Asker, request: Request) -> str | None:
    for team in who.directory.teams.values():
        channel = who.directory.channel(team.channel) if team.channel else None
        if channel and request.channel and request.channel in (channel.slack_id, channel.name):
            return team.key
        if channel and not channel.slack_id and request.channel_name == channel.name:
            return team.key
    return None


def _said(tx: Tx, who: Asker, text: str) -> Raised:
    """What was typed: `critical: mongo is down` names a severity, `service down: mongo` a category of the plan.

    Any other words before a colon belong to the text, which is empty where only such a name was typed.
    """
    rules = settings(tx, who.directory.plan_id)
    known = {name.lower(): ("category", name) for name in rules.categories}
    known |= {name.lower(): ("severity", name) for name in rules.severities}
    named: dict[str, str] = {}
    while (prefix := PREFIX.match(text)) and (found := known.get(prefix[1].lower())) and found[0] not in named:
        named[found[0]] = found[1]
        text = text[prefix.end() :]
    waits = WAITS_FOR.search(text)
    helper = who.directory.by_slack(waits[1]) if waits else None
    return Raised(what=text.strip(), waits_for=helper.key if helper else None, **named)


def _only_one(tx: Tx, who: Asker) -> int:
    numbers = [blocker.number for blocker in service.waiting_for(tx, who) if blocker.state == State.OPEN]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise Refused("No blocker waits for you. `/blocker list` shows the open ones.")
    choices = ", ".join(f"`/blocker ack {number}`" for number in numbers[:MOST_NAMED])
    raise Refused(f"{len(numbers)} blockers wait for you. Which one? {choices}")


take = _does(service.acknowledge, "You have blocker {}.", " By mistake? `/blocker unack {}`")
hand_back = _does(service.unacknowledge, "You handed back blocker {}.")
escalate = _does(service.escalate, "I am paging the next step of blocker {}.")
reopen = _does(service.reopen, "Blocker {} is open again.")
ABOUT_ONE = ("ack", "unack", "resolve", "withdraw", "escalate", "show")
command = Command(
    word="blocker",
    about="Say what stops your work: whoever can help is paged until somebody takes it",
    verbs=(
        Verb("ack", _take, "take it: nobody else is paged", (Numbers("number", optional=True, find=store.find), NOTE),
             aliases=("acknowledge", "take"),
             together="You have blockers {numbers}. By mistake? `/blocker unack {list}`"),
        Verb("unack", typed(hand_back, "blocker {} is still yours", "Hand it back now: `/blocker unack {}`"),
             "hand it back: escalation resumes", (NUMBER, NOTE),
             aliases=("unacknowledge", "release"), together="You handed back blockers {numbers}."),
        Verb("resolve", _resolve, "close it and say what helped", (NUMBER, Text("outcome", optional=True)),
             aliases=("close", "done", "fixed", "solved", "resolved", "closed"),
             together="Resolved {numbers}. By mistake? `/blocker reopen {list}`"),
        Verb("snooze", _snooze, "page nobody for a while", (NUMBER, When("when"))),
        Verb("escalate", typed(escalate, "nobody is paged for blocker {} now", "Page now: `/blocker escalate {}`"),
             "page the next step now", (NUMBER, NOTE),
             together="The next steps of blockers {numbers} are paged."),
        Verb("severity", _grade, "make it graver or milder", (NUMBER, Text("severity", sample="critical")),
             aliases=("priority", "grade", "make")),
        Verb("reassign", _reassign, "page somebody to take it", (NUMBER, Person("person")), aliases=("assign", "hand")),
        Verb("note", _note, "add a note to its thread", (NUMBER, Text("text", sample="mongo answers again")),
             aliases=("comment", "update"), together="Your note is in the threads of blockers {numbers}."),
        Verb("reopen", typed(reopen, "blocker {} stays closed", "Open it now: `/blocker reopen {}`"),
             "open it again", (NUMBER, NOTE), together="Blockers {numbers} are open again."),
        Verb("withdraw", lambda tx, request, args: withdraw(tx, asker(tx, request), **args),
             "close it: raised by mistake", (NUMBER, Text("reason", optional=True)),
             aliases=("cancel", "undo"),
             together="Withdrew {numbers}. By mistake? `/blocker reopen {list}`"),
        Verb("show", show, "one blocker with its history", (NUMBER,), aliases=("status", "info"), reads=True),
        Verb("list", list_open, "the open blockers, and the last closed ones", aliases=("status", "open", "ls"),
             reads=True),
        Verb("mine", list_mine, "the blockers that wait for you", aliases=("waiting",), reads=True),
        *classes.verbs,
        Verb("raise", raise_named, "open one, whatever its first word is", (Text("what", sample="mongo refuses TLS"),)),
    ),
    otherwise=Verb("", raise_it, "raise a blocker", (Text("what"),)),
    alone=ask_to_raise,
    alone_reads=True,
    ask=ask_first,
    phrases=((WHAT_IS_OPEN, "list"),),
    called=lambda _tx, number: str(number),
    waits=lambda tx, number: (found := store.find(tx, number)) is not None and found.is_open,
    examples=("mongo refuses TLS", "critical: sign-in is down, waiting for @somebody", "ack 12",
              "resolve 12 rotated the certificate", "resolve 12 same as 9"),
)  # fmt: skip
