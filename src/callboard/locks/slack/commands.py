"""`/lock` and its verbs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.locks import rights, service, store, targets
from callboard.locks.messages import card
from callboard.locks.models import KEEPING, LIVE, Lock
from callboard.locks.slack import wishes
from callboard.locks.slack.wishes import asker
from callboard.locks.web import git_tokens
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Person, Taken, Text
from callboard.slack.grammar import Arguments, Command, Number, Verb
from callboard.slack.requests import Request
from callboard.teams.service import Asker
from callboard.web.tokens import ApiToken
from callboard.zones import service as zones
from callboard.zones.plan import Rule

if TYPE_CHECKING:
    from callboard.core.db import Tx

BECAUSE = re.compile(r"(?:because|for)\s+", re.IGNORECASE)
TO = re.compile(r"to\s+", re.IGNORECASE)
SHOWN = 40


@dataclass(frozen=True)
class To:
    """`to @somebody` or `@somebody`; gives the Slack user id."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """As it is typed."""
        return f"to @{self.name}"

    def take(self, text: str) -> Taken | None:
        """Read a mention that Slack has resolved."""
        found = TO.match(text)
        return Person(self.name).take(text[found.end() :] if found else text)


def ask(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Lock what was typed."""
    return wishes.typed(tx, request, args["what"])


def ask_by_form(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Open the form."""
    return wishes.form(tx, request, asker(tx, request))


def wait(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Wait in line, by what is wanted or by the number of the lock that is in the way."""
    found = re.match(r"#?(\d{1,18})(?=\s|$)", args["what"])
    if not found:
        return wishes.typed(tx, request, args["what"], wait=True)
    return wishes.waiting_for(tx, asker(tx, request), int(found[1]), _why(args["what"][found.end() :]))


def _simple(verb: Callable[[Tx, Asker, int], Lock]) -> Callable[[Tx, Request, Arguments], Answer]:
    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        return Say(card.answer(card.lock_view(tx, verb(tx, asker(tx, request), args["number"]))))

    return run


def release(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give it back."""
    return wishes.released(tx, asker(tx, request), args["number"])


def renew(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Keep it longer."""
    who = asker(tx, request)
    span, until = wishes.when(args["when"] or "", tx.now, wishes.own_calendar(who))
    return Say(card.answer(card.lock_view(tx, service.renew(tx, who, args["number"], span, until))))


def hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give it to somebody else."""
    who = asker(tx, request)
    to = who.directory.by_slack(args["person"])
    if to is None:
        plan = b.escape(who.directory.plan_name)
        raise Refused(f"{b.mention(args['person'])} is not in {plan}. `/plan people` lists who is.")
    lock = service.hand_over(tx, who, args["number"], to)
    return Say(f"Lock {lock.number} is {who.directory.called(to)}'s now; they are told.")


def break_open(tx: Tx, request: Request, args: Arguments) -> Answer:
    """End somebody else's lock."""
    who = asker(tx, request)
    lock = service.break_open(tx, who, args["number"], _why(args["reason"] or ""))
    mine = [one for one in store.live(tx, lock.plan_id, KEEPING) if one.holder == who.person.key]
    told = f"Lock {lock.number} is broken; {who.directory.called(lock.holder)} is told why."
    had = next((one for one in mine if one.held_at == tx.now), None)
    return Say(f"{told}\n{card.answer(card.lock_view(tx, had))}" if had else told)


def allow(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Let somebody change what is one's team's."""
    who = asker(tx, request)
    to = who.directory.by_slack(args["person"])
    if to is None:
        plan = b.escape(who.directory.plan_name)
        raise Refused(f"{b.mention(args['person'])} is not in {plan}. `/plan people` lists who is.")
    made = service.allow(tx, who, to, wishes.wish(tx, who, args["what"]))
    what = ", ".join(f"`{b.escape(one)}`" for one in made.targets)
    until = b.date(made.until, "both")
    return Say(f"{who.directory.called(to)} may change {what} until {until}; their pushes of it pass the guard.")


def decline(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Refuse consent."""
    lock = service.decline(tx, asker(tx, request), args["number"], _why(args["reason"] or ""))
    return Say(
        f"You do not agree, so {', '.join(f'`{b.escape(one)}`' for one in lock.targets)} is not locked. They are told."
    )


def who(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Whose something is, why, and who has it locked."""
    asked = asker(tx, request)
    plan_id = asked.directory.plan_id
    target = targets.read(wishes.plain(args["path"]), wishes.known(tx, plan_id))
    shown, lines = b.escape(str(target)), []
    for owned in rights.owned_by(tx, plan_id, target):
        inside = owned.path.removeprefix("/")
        part = (
            ""
            if inside in (str(target), target.text.removeprefix("/")) or not owned.rule
            else f" (such as `{b.escape(inside)}`)"
        )
        by = f", by the zone `{b.escape(owned.pattern)}`" if owned.rule else ""
        lines.append(f"`{shown}`{part} is {rights.whose(asked.directory, owned)}{by}.")
        if owned.rule and owned.rule.zone.about:
            lines.append(f"> {b.escape(owned.rule.zone.about)}")
        lines += _beaten(tx, asked, owned.path if part else target.text)
    if target.kind == "thing":
        lines.append(f"`{shown}` is no file: anybody of a team may lock it.")
    held = store.rivals(tx, plan_id, [target])
    lines += [card.one_line(card.lock_view(tx, one.lock)) for one in held] or ["Nobody has it locked."]
    return Say("\n".join(lines))


def list_all(tx: Tx, request: Request, args: Arguments) -> Answer:
    """List what is locked and waited for; with a word, those that have it in them."""
    return _listed(tx, asker(tx, request), "Locks", args["word"] or "", mine=False)


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what the asker holds and waits for."""
    return _listed(tx, asker(tx, request), "Your locks", "", mine=True)


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show one with its history and buttons."""
    asked = asker(tx, request)
    lock = rights.known(tx, asked, args["number"])
    lines = card.history_lines(asked.directory, timeline.history(tx, lock.subject))
    view = card.lock_view(tx, lock)
    return Say(f"Lock {lock.number} ({lock.state})", card.history(view, lines))


def token(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Make the password with which git locks, which ends the one before; end it, or list what acts for the asker."""
    asked = asker(tx, request)
    word = (args["word"] or "").strip().lower()
    if word in ("end", "off", "revoke"):
        ended = git_tokens.end(tx, asked)
        return Say("Your token is ended: git is refused with it." if ended else "You have no token for git.")
    if word in ("list", "show"):
        return Say("\n".join(map(_listed_token, git_tokens.standing(tx, asked))) or "No token acts for you.")
    secret, key = git_tokens.make(tx, asked), b.escape(asked.person.key)
    repository = (wishes.repositories(tx, asked.directory.plan_id) or ["main"])[0]
    address = git_tokens.address(tx, asked.directory.plan_key, repository)
    return Say(
        f"Your token for git, shown this once, to you alone:\n```{secret}```\n"
        f"In your clone: `git config lfs.url {address}`, then `git lfs lock FILE`. "
        f"git asks for a user name, `{key}`, and a password: the token. "
        f"It lasts until {b.date(tx.now + git_tokens.LASTS, 'day')}; the one you made before has ended. "
        "`/lock token end` ends it, `/lock token list` lists what acts for you."
    )


def _listed_token(one: ApiToken) -> str:
    name = f" ({b.escape(one.name)})" if one.name else ""
    made = f"made by {b.escape(one.made_by)} {b.date(one.made_at, 'day')}, until {b.date(one.expires_at, 'day')}"
    return f"Token {one.id}{name} for {', '.join(one.scopes)}: {made}."


def _listed(tx: Tx, who: Asker, title: str, word: str, *, mine: bool) -> Answer:
    found = [
        one for one in store.live(tx, who.directory.plan_id, LIVE)
        if (not mine or one.holder == who.person.key)
        and word.lower() in " ".join([*one.targets, one.reason, one.holder, one.team or ""]).lower()
    ]  # fmt: skip
    shown = [card.lock_view(tx, one, brief=len(found) > SHOWN) for one in found[:SHOWN]]
    empty = "Nothing is locked. `/lock src/api/** for refactoring until 17:00` locks something."
    return Say(f"{len(found)} locks", card.listed(title, shown, empty, len(found)))


def _beaten(tx: Tx, who: Asker, path: str) -> list[str]:
    found = [f"`{b.escape(str(rule.pattern))}` of {_owners(who, rule)}"
             for rule in zones.beaten(tx, who.directory.plan_id, path)[:3]]  # fmt: skip
    return [f"{' and '.join(found)} would match too; the last match in the plan wins."] if found else []


def _owners(who: Asker, rule: Rule) -> str:
    by_section = " by section" if rule.zone.sections else ""
    return b.escape(" and ".join(map(who.directory.spoken_of, rule.zone.owners)) + by_section)


def _why(text: str) -> str:
    return BECAUSE.sub("", text.strip(), count=1)


NUMBER = Number("number")
REASON = Text("reason", optional=True)
take = _simple(service.take)
agree = _simple(service.agree)

command = Command(
    word="lock",
    about="Lock files, sections or things such as staging, so that nobody else changes them meanwhile",
    verbs=(
        Verb(
            "who", who, "whose a path is and why, and who has it locked",
            (Text("path"),), aliases=("whose",), reads=True,
        ),
        Verb(
            "list", list_all, "what is locked and waited for; with a word, those that have it",
            (Text("word", optional=True),), reads=True,
        ),
        Verb("mine", list_mine, "what you hold and wait for", reads=True),
        Verb("show", show, "one of them, with its history and buttons", (NUMBER,), reads=True),
        Verb("release", release, "give it back; or leave the line", (NUMBER,), aliases=("unlock", "leave", "withdraw")),
        Verb(
            "renew", renew, "keep it longer: `until 17:00`, `for 2h`, or as long as at first",
            (NUMBER, Text("when", optional=True)), aliases=("keep", "extend"),
        ),
        Verb("hand", hand, "give it to somebody else, who is told", (NUMBER, To("person")), aliases=("give",)),
        Verb("wait", wait, "wait in line for a lock, or for what you want", (Text("what"),)),
        Verb("take", take, "take it, now that it is your turn", (NUMBER,)),
        Verb("agree", agree, "consent for your team to a lock on joint paths", (NUMBER,), aliases=("consent",)),
        Verb("decline", decline, "do not consent: `because ...`", (NUMBER, REASON)),
        Verb("break", break_open, "end somebody else's: `because ...`, for leads", (NUMBER, REASON)),
        Verb(
            "allow", allow, "let somebody change what is your team's: `for the fix until 17:00`, for leads",
            (To("person"), Text("what")),
        ),
        Verb(
            "token", token, "your password for `git lfs lock`; `end` ends it, `list` lists what acts for you",
            (Text("word", optional=True),),
        ),
    ),
    otherwise=Verb("", ask, "lock it, all of it or nothing", (Text("what"),)),
    alone=ask_by_form,
    alone_reads=True,
    examples=(
        "src/api/** for refactoring until 17:00", "README.md#Backend for the new API", "staging for 2h for a load test",
        "release 7", "break 7 because the release waits",
    ),
)  # fmt: skip
