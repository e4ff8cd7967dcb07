"""Locks in Slack: `/lock`, the token that it makes for git, the buttons of cards, and forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, joined
from callboard.locks import messages, notices, rights, service, store, targets
from callboard.locks.models import LIVE, Lock, State
from callboard.locks.slack import buttons, questions, tokens
from callboard.locks.slack.arguments import To, Which
from callboard.locks.slack.buttons import answered
from callboard.locks.targets import Known, Target
from callboard.planfile import ends
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Number, Text, Verb, read
from callboard.slack.number_lists import read_each
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, own_calendar, person
from callboard.zones import service as zones
from callboard.zones.owners import Rule
from callboard.zones.service import Owned

BECAUSE = re.compile(r"^(?:because(?:\s+of)?|for)(?:\s+|$)", re.IGNORECASE)
HAS = re.compile(r"^(?:has|have|holds|owns|locks|locked|is\s+on|is)\s+(?=\S)", re.IGNORECASE)
WHO_HAS = re.compile(r"who\s+(?:has|locked|locks|is\s+on|owns)\s+(\S*[./]\S*)", re.IGNORECASE)
OWN, ALL = ("mine", "my locks"), ("all", "locks", "all locks", "everything", "mine", "my locks")
LISTED = 40
T = TypeVar("T")


def ask_by_form(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return buttons.open_form(tx, request, asker(tx, request))


def lock(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Lock what was typed, unless it reads like a verb."""
    if args["what"].strip().lower() in questions.ACQUIRING:
        return ask_by_form(tx, request, args)
    text = questions.without_habit(args["what"], buttons.known(tx, asker(tx, request).directory.plan_id))
    return _by_path(tx, request, text) or _doubted(tx, request, text) or buttons.typed(tx, request, text)


def _by_path(tx: Tx, request: Request, text: str) -> Answer | None:
    """A verb about locks that are named by what they lock: `release src/a.py`, `renew staging for 2h`."""
    first, _, rest = text.strip().partition(" ")
    verb = command.verb(first)
    if verb is None or not isinstance(next(iter(verb.arguments), None), Number | Which):
        return None
    who, numbers, other = asker(tx, request), list[str](), verb.name in ("break", "agree", "decline")
    known, live = buttons.known(tx, who.directory.plan_id), store.live(tx, who.directory.plan_id)
    locks = sorted(live, key=lambda lock: ((lock.holder == who.person.key) is other, lock.state != State.HELD))
    while word := targets.WORD.match(rest):
        written = next(filter(None, word.groups()))
        meant = next((str(lock.number) for lock in locks if _is_on(lock, written, known)), "")
        if not meant and written not in targets.AND:
            break
        numbers, rest = [*numbers, meant], rest[word.end() :]
    given = read(verb.arguments, f"{' '.join(numbers)} {rest}") if any(numbers) else None
    return verb.run(tx, request, given) if given is not None else None


def _is_on(lock: Lock, written: str, known: Known) -> bool:
    try:
        return str(targets.read(m.unlinked(written), known)) in lock.targets
    except Refused:
        return False


def wait(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Wait in line, by what is wanted or by the numbers of locks that are in the way."""
    listed = read_each(args["what"])
    if not listed:
        return _doubted(tx, request, args["what"]) or buttons.typed(tx, request, args["what"], wait=True)
    who, (numbers, rest) = asker(tx, request), listed
    return _each(numbers, lambda number: buttons.again(tx, who, number, _why(rest)))


def take(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    numbers = _chosen(tx, who, args["numbers"], (State.OFFERED,), "take")
    return _each(numbers, lambda number: answered(tx, service.take(tx, who, number)))


def agree(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return _each(args["numbers"], lambda number: answered(tx, service.agree(tx, who, number)))


def release(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    numbers = _chosen(tx, who, args["numbers"], LIVE, "release")
    return _each(numbers, lambda number: buttons.released(tx, who, number))


def renew(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    end = ends.read(m.unlinked(args["when"] or ""), tx.now, own_calendar(who))
    numbers = _chosen(tx, who, args["numbers"], (State.HELD,), "renew")
    return _each(numbers, lambda number: answered(tx, service.renew(tx, who, number, end.span, end.until)))


def hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to, numbers = person(who, args["person"]), _chosen(tx, who, args["numbers"], (State.HELD,), "hand over")
    locks = [_doing(numbers, service.hand_over, tx, who, number, to) for number in numbers]
    named = joined(str(lock.number) for lock in locks)
    which = f"Lock {named} is" if len(locks) == 1 else f"Locks {named} are"
    return Say(f"{which} {who.directory.called(to)}'s now. I told them.")


def break_open(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)

    def broken(number: int) -> Say:
        lock = service.break_open(tx, who, number, _why(args["reason"] or ""))
        return Say(f"Lock {lock.number} is broken. I told {who.directory.called(lock.holder)} why.")

    answer = _each(args["numbers"], broken)
    mine = store.live(tx, who.directory.plan_id, (State.HELD,), who.person.key)
    taken = (messages.answer(notices.view(tx, own)) for own in mine if own.held_at == tx.now)
    return Say("\n".join([answer.text, *taken]))


def allow(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = person(who, args["person"])
    allowance = service.allow(tx, who, to, buttons.read_wish(tx, who, args["what"]))
    what, until = messages.codes(allowance.targets), m.date(allowance.until, "both")
    return Say(f"{who.directory.called(to)} may change {what} until {until}. Their pushes pass the guard.")


def decline(tx: Tx, request: Request, args: Arguments) -> Answer:
    asked, reason = asker(tx, request), _why(args["reason"] or "")

    def declined(number: int) -> Say:
        lock = service.decline(tx, asked, number, reason)
        return Say(f"You declined, so {messages.codes(lock.targets)} is not locked. I told them.")

    return _each(args["numbers"], declined)


def who(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Who has a path locked or waits for it, and whose it is."""
    reader = asker(tx, request)
    plan_id, asked = (
        reader.directory.plan_id,
        HAS.sub("", args["path"], count=1).rstrip("?!"),
    )
    if (one := read_each(asked)) and not one[1].strip():
        return _each(one[0], lambda number: show(tx, request, {"number": number}))
    named, _ = targets.words(asked)
    wanted = [targets.read(m.unlinked(word), buttons.known(tx, plan_id)) for word in named]
    return Say("\n".join(line for target in wanted for line in _whose(tx, reader, target)))


def _whose(tx: Tx, reader: Asker, target: Target) -> Iterator[str]:
    plan_id = reader.directory.plan_id
    rivals = [rival.lock for rival in store.rivals(tx, plan_id, [target])]
    held = [lock for lock in rivals if lock.state == State.WAITING or lock.keeps(tx.now)]
    yield from (messages.one_line(notices.view(tx, lock)) for lock in held)
    for owned in rights.owned_by(tx, plan_id, target):
        yield from _owned(tx, reader, target, owned)
    if target.kind == "thing":
        yield f"{m.code(str(target))} is no file, so it is no team's."
    if not held:
        yield f"Nobody has it locked. {rights.who_locks(tx, reader, target)}"


def list_all(tx: Tx, request: Request, args: Arguments, *, mine: bool = False) -> Answer:
    reader, word = asker(tx, request), m.unlinked(args.get("word") or "").strip().removeprefix("/")
    mine, word = mine or word.lower() in OWN, "" if word.lower() in ALL else word
    every = store.live(tx, reader.directory.plan_id, LIVE, reader.person.key if mine else "")
    found = [lock for lock in every if _has(reader, lock, word)] if word else every
    views = [notices.view(tx, lock, brief=len(found) > LISTED) for lock in found[:LISTED]]
    title = "Your locks" if mine else "Locks"
    return Say(counted(len(found), "lock"), messages.listed(title, views, len(found), word if every else ""))


def _has(reader: Asker, lock: Lock, word: str) -> bool:
    """Whether a word, a number or somebody is on a lock."""
    somebody = reader.directory.by_slack(found[1]) if (found := m.MENTION.fullmatch(word)) else None
    if somebody or word.lstrip("#").isdecimal():
        return lock.holder == somebody.key if somebody else str(lock.number) == word.lstrip("#")
    return word.lower() in " ".join([*lock.targets, lock.reason, lock.holder, lock.team or ""]).lower()


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    lock = rights.known(tx, asker(tx, request), args["number"])
    entries = timeline.history(tx, lock.subject)
    return Say(f"Lock {lock.number} ({lock.state})", messages.history(notices.view(tx, lock), entries))


def _owned(tx: Tx, reader: Asker, target: Target, owned: Owned) -> list[str]:
    example, rule = owned.path.removeprefix("/"), owned.rule
    is_part = rule is not None and example not in (str(target), target.text.removeprefix("/"))
    part = f" (such as {m.code(example)})" if is_part else ""
    by = f", by the zone {m.code(owned.pattern)}" if rule else ""
    lines = [f"{m.code(str(target))}{part} is {rights.whose(reader.directory, owned)}{by}."]
    lines += [f"> {m.escape(rule.zone.about)}"] if rule and rule.zone.about else []
    others = zones.beaten(tx, reader.directory.plan_id, owned.path if is_part else target.text)[:3]
    named = joined(f"{m.code(str(other.pattern))} of {_owners(reader, other)}" for other in others)
    return [*lines, *([f"{named} would match too; the last match in the plan wins."] if others else [])]


def _owners(reader: Asker, rule: Rule) -> str:
    by_section = " by section" if rule.zone.sections else ""
    return m.escape(" and ".join(map(reader.directory.spoken_of, rule.zone.owners)) + by_section)


def _doubted(tx: Tx, request: Request, text: str) -> Say | None:
    who = asker(tx, request)
    known = buttons.known(tx, who.directory.plan_id)
    verbs = {name: verb for verb in command.verbs for name in (verb.name, *verb.aliases)}
    return questions.mistyped(tx, who, text, verbs, request.command or "/lock", known)


def _chosen(tx: Tx, who: Asker, numbers: Sequence[int], states: Sequence[State], what: str) -> Sequence[int]:
    """The locks that are meant by their numbers; without any, all of one's own in these states."""
    own = store.live(tx, who.directory.plan_id, states, who.person.key) if not numbers else ()
    if not numbers and not own:
        raise questions.none_of(states, what)
    return numbers or [lock.number for lock in own]


def _each(numbers: Sequence[int], do: Callable[[int], Answer]) -> Say:
    """What is done with each lock, and said of it; with all of them or with none."""
    answers = [_doing(numbers, do, number) for number in numbers]
    said = [answer for answer in answers if isinstance(answer, Say)]
    return said[0] if len(said) == 1 else Say("\n".join(answer.text for answer in said))


def _doing(numbers: Sequence[int], do: Callable[..., T], *args: Any) -> T:
    try:
        return do(*args)
    except Refused as refused:
        if len(numbers) == 1:
            raise
        raise Refused(f"{refused.sentence}\nSo I changed none of these locks.") from None


def _why(text: str) -> str:
    return BECAUSE.sub("", text.strip(), count=1)


NUMBER = Number("number", find=store.find)
NUMBERS_OR_ALL, SOME = Which("numbers", own=True, find=store.find), Which("numbers", find=store.find)
REASON = Text("reason", optional=True)
WORD = Text("word", optional=True)
command = Command(
    word="lock",
    about="Lock files, sections or things such as staging, so that nobody else changes them meanwhile",
    verbs=(
        Verb(
            "who", who, "say whose a path is and why, and who has it locked",
            (Text("path"),), aliases=("whose",), reads=True,
        ),
        Verb(
            "list", list_all, "list what is locked and waited for; with a word, what has it", (WORD,),
            aliases=("status", "ls"), reads=True,
        ),
        Verb("mine", partial(list_all, mine=True), "list what you hold and wait for", reads=True),
        Verb("show", show, "show a lock with its history and buttons", (NUMBER,), reads=True),
        Verb(
            "release", release, "give locks back, by number or by path, or leave the line", (NUMBERS_OR_ALL,),
            aliases=("unlock", "free", "return", "cancel", "leave", "withdraw"),
        ),
        Verb(
            "renew", renew, "keep it longer: `until 17:00`, `for 2h`, or as long as at first",
            (NUMBERS_OR_ALL, Text("when", optional=True)), aliases=("keep", "extend"),
        ),
        Verb("hand", hand, "give it to somebody else", (NUMBERS_OR_ALL, To("person")), aliases=("give",)),
        Verb("wait", wait, "wait in line for a lock, or for what you want", (Text("what"),)),
        Verb("take", take, "take it when it is your turn", (NUMBERS_OR_ALL,)),
        Verb("agree", agree, "agree for your team to a lock on joint paths", (SOME,), aliases=("consent",)),
        Verb("decline", decline, "do not agree: `because ...`", (SOME, REASON)),
        Verb("break", break_open, "end somebody else's lock: `because ...` (leads)", (SOME, REASON)),
        Verb(
            "allow", allow, "let somebody change what is your team's: `for the fix until 17:00` (leads)",
            (To("person"), Text("what")),
        ),
        Verb("token", tokens.token, "make your password for `git lfs lock`; `end`, `list`", (WORD,)),
    ),
    otherwise=Verb(
        "", lock, "lock all of it, or nothing", (Text("what"),),
    ),
    alone=ask_by_form,
    alone_reads=True,
    phrases=((WHO_HAS, r"who \1"),),
    examples=(
        "src/api/** for refactoring until 17:00", "README.md#Backend for the new API", "staging for 2h for a load test",
        "release 7 8", "break 7 because the release waits",
    ),
)  # fmt: skip
