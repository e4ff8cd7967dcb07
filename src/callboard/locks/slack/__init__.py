"""Locks in Slack: `/lock`, the token that it makes for git, the buttons of cards, and forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from callboard import blocks as b
from callboard import web
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.words import counted, joined
from callboard.locks import messages, notices, rights, service, store, targets
from callboard.locks.models import LIVE, State
from callboard.locks.slack import buttons
from callboard.locks.slack.buttons import answered
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Taken, Text, Verb
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, person
from callboard.web import tokens
from callboard.web.tokens import ApiToken, Wanted
from callboard.zones import service as zones
from callboard.zones.owners import Rule
from callboard.zones.service import Owned

BECAUSE = re.compile(r"(?:because|for)\s+", re.IGNORECASE)
TO = re.compile(r"to\s+", re.IGNORECASE)
LISTED = 40
GIT, LASTS = "git", tokens.LONGEST


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
    return buttons.locked(tx, who, wish, wait=True)


def take(tx: Tx, request: Request, args: Arguments) -> Answer:
    return answered(tx, service.take(tx, asker(tx, request), args["number"]))


def agree(tx: Tx, request: Request, args: Arguments) -> Answer:
    return answered(tx, service.agree(tx, asker(tx, request), args["number"]))


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
    mine = store.live(tx, lock.plan_id, (State.HELD,), who.person.key)
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


def list_all(tx: Tx, request: Request, args: Arguments, *, mine: bool = False) -> Answer:
    reader, word = asker(tx, request), args.get("word") or ""
    found = [
        lock for lock in store.live(tx, reader.directory.plan_id, LIVE, reader.person.key if mine else "")
        if word.lower() in " ".join([*lock.targets, lock.reason, lock.holder, lock.team or ""]).lower()
    ]  # fmt: skip
    views = [notices.view(tx, lock, brief=len(found) > LISTED) for lock in found[:LISTED]]
    title = "Your locks" if mine else "Locks"
    return Say(counted(len(found), "lock"), messages.listed(title, views, len(found)))


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    lock = rights.known(tx, asker(tx, request), args["number"])
    entries = timeline.history(tx, lock.subject)
    return Say(f"Lock {lock.number} ({lock.state})", messages.history(notices.view(tx, lock), entries))


def token(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    word = (args["word"] or "").strip().lower()
    if word in ("end", "off", "revoke"):
        return Say("Your token has ended. git can't use it any more." if end_token(tx, who) else "You have none.")
    if word in ("list", "show"):
        return Say("\n".join(map(_token, tokens_of(tx, who))) or "No token acts for you.")
    secret = make_token(tx, who)
    path = f"/lfs/{who.directory.plan_key}/{next(iter(buttons.repositories(tx, who.directory.plan_id)), 'main')}"
    return Say(
        f"Your token for git. Only you see it, and only now:\n```{secret}```\n"
        f"In your clone: `git config lfs.url {web.address(tx, path) or f'https://YOUR-CALLBOARD{path}'}`, then "
        f"`git lfs lock FILE`. git asks for a user name, `{b.escape(who.person.key)}`, and a password, the token.\n"
        f"It is valid until {b.date(tx.now + LASTS, 'day')}, and replaces the one you made before. "
        "End it: `/lock token end`. List yours: `/lock token list`."
    )


def make_token(tx: Tx, asker: Asker) -> str:
    """Make somebody's token and return it; the one that they made before ends."""
    end_token(tx, asker)
    person, directory = asker.person.key, asker.directory
    return tokens.issue(tx, directory.plan_id, Wanted(directory.plan_key, person, ("locks",), LASTS, GIT), person)


def end_token(tx: Tx, asker: Asker) -> bool:
    """End the token that somebody made themselves; whether they had one."""
    own = [token for token in tokens_of(tx, asker) if token.made_by == asker.person.key and token.name == GIT]
    for token in own:
        tokens.end(tx, token, asker.person.key)
    tx.session.flush()
    return bool(own)


def tokens_of(tx: Tx, asker: Asker) -> list[ApiToken]:
    """The tokens with which git or another program acts for somebody, whoever made them."""
    return [
        token for token in tokens.listed(tx, asker.directory.plan_id)
        if token.person == asker.person.key and token.revoked_at is None and token.expires_at > tx.now
    ]  # fmt: skip


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


def _token(token: ApiToken) -> str:
    name = f" ({b.escape(token.name)})" if token.name else ""
    made = f"made by {b.escape(token.made_by)} {b.date(token.made_at, 'day')}, until {b.date(token.expires_at, 'day')}"
    return f"Token {token.id}{name} for {', '.join(token.scopes)}: {made}."


def _why(text: str) -> str:
    return BECAUSE.sub("", text.strip(), count=1)


NUMBER = Number("number")
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
        Verb("list", list_all, "list what is locked and waited for; with a word, what has it", (WORD,), reads=True),
        Verb("mine", partial(list_all, mine=True), "list what you hold and wait for", reads=True),
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
