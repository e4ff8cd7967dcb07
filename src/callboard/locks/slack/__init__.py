"""Locks in Slack: `/lock`, the buttons of cards, and forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.words import counted, joined
from callboard.locks import git_tokens, messages, notices, rights, service, store, targets
from callboard.locks.models import LIVE, Lock, State
from callboard.locks.slack import buttons
from callboard.locks.slack.buttons import answered
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Taken, Text, Verb
from callboard.slack.requests import Request
from callboard.teams.service import Asker
from callboard.teams.slack import asker, person
from callboard.web.tokens import ApiToken
from callboard.zones import service as zones
from callboard.zones.plan import Rule
from callboard.zones.service import Owned

if TYPE_CHECKING:
    from callboard.core.db import Tx


BECAUSE = re.compile(r"(?:because|for)\s+", re.IGNORECASE)
TO = re.compile(r"to\s+", re.IGNORECASE)
LISTED = 40


@dataclass(frozen=True)
class To:
    """`to @somebody` or `@somebody`; gives the Slack user id."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        return f"to @{self.name}"

    def take(self, text: str) -> Taken | None:
        to = TO.match(text)
        return Person(self.name).take(text[to.end() :] if to else text)


def ask_by_form(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return buttons.open_form(tx, request, asker(tx, request))


def wait(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Wait in line, by what is wanted or by the number of the lock that is in the way."""
    number = re.match(r"#?(\d{1,18})(?=\s|$)", args["what"])
    if not number:
        return buttons.typed(tx, request, args["what"], wait=True)
    who = asker(tx, request)
    wish = service.again(tx, who, int(number[1]), _why(args["what"][number.end() :]))
    return buttons.locked(tx, who, replace(wish, until=None), wait=True)


def _simple(verb: Callable[[Tx, Asker, int], Lock]) -> Callable[[Tx, Request, Arguments], Answer]:
    return lambda tx, request, args: answered(tx, verb(tx, asker(tx, request), args["number"]))


def release(tx: Tx, request: Request, args: Arguments) -> Answer:
    return buttons.released(tx, asker(tx, request), args["number"])


def renew(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    span, until = targets.read_end(args["when"] or "", tx.now, buttons.own_calendar(who))
    return answered(tx, service.renew(tx, who, args["number"], span, until))


def hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    lock = service.hand_over(tx, who, args["number"], person(who, args["person"]))
    return Say(f"Lock {lock.number} is {who.directory.called(lock.holder)}'s now. I told them.")


def break_open(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    lock = service.break_open(tx, who, args["number"], _why(args["reason"] or ""))
    answer = f"Lock {lock.number} is broken. I told {who.directory.called(lock.holder)} why."
    mine = store.live(tx, lock.plan_id, (State.HELD, State.ASKED), who.person.key)
    taken = next((own for own in mine if own.held_at == tx.now), None)
    return Say(f"{answer}\n{messages.answer(notices.view(tx, taken))}" if taken else answer)


def allow(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = person(who, args["person"])
    allowance = service.allow(tx, who, to, buttons.read_wish(tx, who, args["what"]))
    what, until = messages.codes(allowance.targets), b.date(allowance.until, "both")
    return Say(f"{who.directory.called(to)} may change {what} until {until}. Their pushes pass the guard.")


def decline(tx: Tx, request: Request, args: Arguments) -> Answer:
    lock = service.decline(tx, asker(tx, request), args["number"], _why(args["reason"] or ""))
    return Say(f"You declined, so {messages.codes(lock.targets)} is not locked. I told them.")


def who(tx: Tx, request: Request, args: Arguments) -> Answer:
    reader = asker(tx, request)
    plan_id = reader.directory.plan_id
    target = targets.read(targets.unlinked(args["path"]), buttons.known(tx, plan_id))
    lines = [line for owned in rights.owned_by(tx, plan_id, target) for line in _owned(tx, reader, target, owned)]
    if target.kind == "thing":
        lines.append(f"`{b.escape(str(target))}` is no file. Any member of a team can lock it.")
    held = store.rivals(tx, plan_id, [target])
    lines += [messages.one_line(notices.view(tx, rival.lock)) for rival in held] or ["Nobody has it locked."]
    return Say("\n".join(lines))


def list_all(tx: Tx, request: Request, args: Arguments) -> Answer:
    return _listed(tx, asker(tx, request), "Locks", args["word"] or "", mine=False)


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return _listed(tx, asker(tx, request), "Your locks", "", mine=True)


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    lock = rights.known(tx, asker(tx, request), args["number"])
    entries = timeline.history(tx, lock.subject)
    return Say(f"Lock {lock.number} ({lock.state})", messages.history(notices.view(tx, lock), entries))


def token(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Make the password with which git locks, end it, or list what acts for the asker."""
    who = asker(tx, request)
    word = (args["word"] or "").strip().lower()
    if word in ("end", "off", "revoke"):
        return Say("Your token has ended. git can't use it any more." if git_tokens.end(tx, who) else "You have none.")
    if word in ("list", "show"):
        return Say("\n".join(map(_token, git_tokens.standing(tx, who))) or "No token acts for you.")
    secret = git_tokens.make(tx, who)
    repository = (buttons.repositories(tx, who.directory.plan_id) or ["main"])[0]
    return Say(
        f"Your token for git. Only you see it, and only now:\n```{secret}```\n"
        f"In your clone: `git config lfs.url {git_tokens.address(tx, who.directory.plan_key, repository)}`, then "
        f"`git lfs lock FILE`. git asks for a user name, `{b.escape(who.person.key)}`, and a password, the token.\n"
        f"It is valid until {b.date(tx.now + git_tokens.LASTS, 'day')}, and replaces the one you made before. "
        "End it: `/lock token end`. List yours: `/lock token list`."
    )


def _owned(tx: Tx, reader: Asker, target: targets.Target, owned: Owned) -> list[str]:
    example, rule = owned.path.removeprefix("/"), owned.rule
    is_part = rule is not None and example not in (str(target), target.text.removeprefix("/"))
    part = f" (such as `{b.escape(example)}`)" if is_part else ""
    by = f", by the zone `{b.escape(owned.pattern)}`" if rule else ""
    lines = [f"`{b.escape(str(target))}`{part} is {rights.whose(reader.directory, owned)}{by}."]
    lines += [f"> {b.escape(rule.zone.about)}"] if rule and rule.zone.about else []
    others = zones.beaten(tx, reader.directory.plan_id, owned.path if is_part else target.text)[:3]
    named = joined(f"`{b.escape(str(other.pattern))}` of {_owners(reader, other)}" for other in others)
    return [*lines, *([f"{named} would match too; the last match in the plan wins."] if others else [])]


def _owners(reader: Asker, rule: Rule) -> str:
    by_section = " by section" if rule.zone.sections else ""
    return b.escape(" and ".join(map(reader.directory.spoken_of, rule.zone.owners)) + by_section)


def _listed(tx: Tx, reader: Asker, title: str, word: str, *, mine: bool) -> Answer:
    found = [
        lock for lock in store.live(tx, reader.directory.plan_id, LIVE, reader.person.key if mine else "")
        if word.lower() in " ".join([*lock.targets, lock.reason, lock.holder, lock.team or ""]).lower()
    ]  # fmt: skip
    views = [notices.view(tx, lock, brief=len(found) > LISTED) for lock in found[:LISTED]]
    return Say(counted(len(found), "lock"), messages.listed(title, views, len(found)))


def _token(token: ApiToken) -> str:
    name = f" ({b.escape(token.name)})" if token.name else ""
    made = f"made by {b.escape(token.made_by)} {b.date(token.made_at, 'day')}, until {b.date(token.expires_at, 'day')}"
    return f"Token {token.id}{name} for {', '.join(token.scopes)}: {made}."


def _why(text: str) -> str:
    return BECAUSE.sub("", text.strip(), count=1)


NUMBER = Number("number")
REASON = Text("reason", optional=True)
WORD = Text("word", optional=True)
take = _simple(service.take)
agree = _simple(service.agree)
command = Command(
    word="lock",
    about="Lock files, sections or things such as staging, so that nobody else changes them meanwhile",
    verbs=(
        Verb(
            "who", who, "say whose a path is and why, and who has it locked",
            (Text("path"),), aliases=("whose",), reads=True,
        ),
        Verb("list", list_all, "list what is locked and waited for; with a word, what has it", (WORD,), reads=True),
        Verb("mine", list_mine, "list what you hold and wait for", reads=True),
        Verb("show", show, "show a lock with its history and buttons", (NUMBER,), reads=True),
        Verb("release", release, "give it back, or leave the line", (NUMBER,), aliases=("unlock", "leave", "withdraw")),
        Verb(
            "renew", renew, "keep it longer: `until 17:00`, `for 2h`, or as long as at first",
            (NUMBER, Text("when", optional=True)), aliases=("keep", "extend"),
        ),
        Verb("hand", hand, "give it to somebody else", (NUMBER, To("person")), aliases=("give",)),
        Verb("wait", wait, "wait in line for a lock, or for what you want", (Text("what"),)),
        Verb("take", take, "take it when it is your turn", (NUMBER,)),
        Verb("agree", agree, "agree for your team to a lock on joint paths", (NUMBER,), aliases=("consent",)),
        Verb("decline", decline, "do not agree: `because ...`", (NUMBER, REASON)),
        Verb("break", break_open, "end somebody else's lock: `because ...` (leads)", (NUMBER, REASON)),
        Verb(
            "allow", allow, "let somebody change what is your team's: `for the fix until 17:00` (leads)",
            (To("person"), Text("what")),
        ),
        Verb("token", token, "make your password for `git lfs lock`; `end` ends it, `list` lists yours", (WORD,)),
    ),
    otherwise=Verb(
        "", lambda tx, request, args: buttons.typed(tx, request, args["what"]), "lock all of it, or nothing",
        (Text("what"),),
    ),
    alone=ask_by_form,
    alone_reads=True,
    examples=(
        "src/api/** for refactoring until 17:00", "README.md#Backend for the new API", "staging for 2h for a load test",
        "release 7", "break 7 because the release waits",
    ),
)  # fmt: skip
