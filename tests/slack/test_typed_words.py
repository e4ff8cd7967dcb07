"""What a tired person types: no mistake pages, locks, signs or submits anything, and real sentences page at once."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from callboard.app import routes
from callboard.core.deliveries import Delivery
from callboard.core.timeline import STANDS, Entry
from callboard.slack.intents import Call, Help, understand
from tests.gates.company import PEOPLE, PLAN_WITH_GATES
from tests.world import World

DATABASES = ("sqlite",)  # words
PLAN = (
    PLAN_WITH_GATES.replace("categories: [", "categories: [security finding, ")
    + """\
repositories: {harbor: https://git.example.com/harbor.git}
zones: [{team: omega, paths: ["/src/**"]}]
standups: [{name: Daily, at: "09:00", who: [omega]}]
checkpoints: [{name: Mid-point, team: omega, at: 2025-11-13 11:00, expects: {O-1: completed}}]
meetings: [{name: Planning, days: thu, at: "11:00", lead: coordinator, who: [all leads]}]
"""
)
RAISE = "Raise “{}” and page <@UOLGA>? Nothing has happened yet."
NUMBER, SHOWS = "`{}` needs a number.", "FORM Raise a blocker"
NONE = "There is no blocker {} in Release. Open: 1, 2, 3. `/blocker list` shows them."
MISTAKES = {
    # Verbs that are mistyped, unknown, or lack their number.
    "/blocker hlep": "Did you mean `/blocker help`?",
    "/blocker statsu": "Did you mean `/blocker list`?",
    "/blocker lsit": "Did you mean `/blocker list`?",
    "/blocker akc 1": "Did you mean `/blocker ack 1`?",
    "/blocker akc 1 please": "Did you mean `/blocker ack 1 please`?",
    "/blocker reslove 1 rotated the key": "Did you mean `/blocker resolve 1 rotated the key`?",
    "/blocker snoze 1 30m": "Did you mean `/blocker snooze 1 30m`?",
    "/blocker escalte 1 now": "Did you mean `/blocker escalate 1 now`?",
    "/blocker escalte 1 to the boss": "`to` is too much after `escalate 1`.",
    "/blocker help reslove": "Did you mean `/blocker help resolve`?",
    "/blocker fixed": NUMBER.format("resolve"),
    "/blocker done": NUMBER.format("resolve"),
    "/blocker solved": NUMBER.format("resolve"),
    "/blocker close": NUMBER.format("resolve"),
    "/blocker cancel": NUMBER.format("withdraw"),
    "/blocker resolve": NUMBER.format("resolve"),
    "/blocker resolve all": "`all` is no number.",
    "/blocker resolve it": "`it` is no number.",
    "/blocker resolve this one please": "`this` is no number.",
    "/blocker escalate now please": "`now` is no number.",
    "/blocker show 500 errors on checkout": "`errors` is too much after `show 500`.",
    # Numbers that are not there, and what a verb does not take.
    "/blocker cancel 8": NONE.format("8"),
    "/blocker resolve 6,7,8": NONE.format("6, 7 or 8"),
    "/blocker resolve 6 7 and 8": NONE.format("6, 7 or 8"),
    "/blocker resolve #6 #7": NONE.format("6 or 7"),
    "/blocker resolve 6-8": NONE.format("6, 7 or 8"),
    "/blocker ack nine": NONE.format("9"),
    "/blocker withdraw 1-99": "Type at most 50 numbers at a time.",
    "/blocker snooze 1 banana": "`banana` is no duration. Say 30m, 2h or tomorrow 9:00.",
    "/blocker snooze 1 30": "`30` is no duration. Say 30m, 2h or tomorrow 9:00.",
    "/blocker snooze 1": "`snooze` needs a duration.",
    "/blocker reassign 1": "`reassign` needs a person.",
    "/blocker reassign 1 olgaa": "Nobody in Release is called `olgaa`; did you mean `olga`?",
    "/blocker reassign 1 to @sarra": "Nobody in Release is called `sarra`; did you mean `sara`?",
    "/blocker note 1": "`note` needs a few words.",
    "/blocker list all": "Did you mean `/blocker list`?",
    # One or two words, a number alone, a prefix alone.
    "/blocker 1": "Did you mean `/blocker show 1`?",
    "/blocker #1": "Did you mean `/blocker show 1`?",
    "/blocker ok": RAISE.format("ok"),
    "/blocker thanks!": RAISE.format("thanks!"),
    "/blocker mongo down": RAISE.format("mongo down"),
    "/blocker help me": "Did you mean `/blocker help`?",
    "/blocker help me please": "Did you mean `/blocker help`?",
    "/blocker critical: mongo": RAISE.format("mongo"),
    "/blocker what now": "Did you mean `/blocker help`?",
    "/blocker critical:": SHOWS,
    "/blocker critical :": SHOWS,
    "/blocker critical": SHOWS,
    "/blocker security finding:": SHOWS,
    "/blocker raise critical:": SHOWS,
    "/blocker raise": "`raise` needs a few words.",
    "/blocker ...": "Say in a few words what is blocked, for example `/blocker mongo refuses TLS`.",
    # The other commands.
    "/lock hlep": "Did you mean `/lock help`?",
    "/lock relase 1": "Did you mean `/lock release 1`?",
    "/lock brake 1 because it is late": "Did you mean `/lock break 1 because it is late`?",
    "/lock hand 1 olgaa": "Nobody in Release is called `olgaa`; did you mean `olga`?",
    "/lock plan O-9": "There is no task `O-9`; did you mean `O-1` or `O-2`? `/task list` shows all.",
    "/task hlep": "Did you mean `/task help`?",
    "/task strat O-1": "Did you mean `/task start O-1`?",
    "/task blcok O-1 mongo is down": "Did you mean `/task block O-1 mongo is down`?",
    "/task start O1": "There is no task `O1`; did you mean `O-1`? `/task list` shows all.",
    "/task start": "`start` needs a task.",
    "/task progress O-1 banana": "`banana` is not a percentage up to 100. Say 50%.",
    "/task progress O-1 half": "`half` is not a percentage up to 100. Say 50%.",
    "/task block O-1": "`block` needs a few words.",
    "/task assign O-1 olgaa": "Nobody in Release is called `olgaa`; did you mean `olga`?",
    "/task spent O-1 banana": "`banana` is no duration. Say 30m, 2h or 1d.",
    "/task list omga": "No phase, team, area, kind, priority or state is called `omga`; did you mean `omega`?",
    "/gate sgin validated": "Did you mean `/gate sign validated`?",
    "/gate sign validatd": "There is no gate `validatd`; did you mean `validated`?",
    "/gate grant 1, 2": "There is no exception 1 or 2 in Release. `/gate freezes` lists them.",
    "/gate deny 1": "`deny` needs a reason.",
    "/standup skpi because of the dentist":
        "There is no standup `skpi because of the dentist`; write one of `Daily`. "
        "Or did you mean `/standup skip because of the dentist`?",
    "/standup skip because": "Say why: `/standup skip because ...`. The others see it.",
    "/standup dayly": "There is no standup `dayly`; did you mean `Daily`?",
    "/standup away banana": "`banana` is no day. Say today, friday, next week, 2026-03-30..31 or until 2026-04-02.",
    "/standup away": "`away` needs the days.",
    "/standup stats x": "`x` is too much after `stats`.",
    "/checkpoint rnu Mid-point": "Did you mean `/checkpoint run Mid-point`?",
    "/checkpoint run midpoint": "There is no checkpoint `midpoint`; did you mean `Mid-point`?",
    "/checkpoint Mid-point": "`/checkpoint` does not know `Mid-point`; it knows `list`, `show`, `run`.",
    "/meeting recrod Planning": "Did you mean `/meeting record Planning`?",
    "/meeting lessons x": "`x` is too much after `lessons`.",
    "/plan shwo omega": "Did you mean `/plan show omega`?",
    "/plan show validatd": "Nothing in this plan is called `validatd`; did you mean `validated`?",
    "/plan away tomorrow olgaa": "Nobody in Release is called `olgaa`; did you mean `olga`?",
    "/plan test everybody now": "Nobody in Release is called `everybody`; write one of `olga`, `pa`, `pb`, `sara`, "
        "`sc`, `amp`, `exec`, `stan`, `obi`.",
    "/plan calendar omga": "`omga` is not `new` or `stop`. For a team: `/plan calendar new backend`.",
    "/plan shift banana": "Only <@UAMP> can do that in Release.",
}  # fmt: skip
SENTENCES = (
    "mongo refuses TLS", "staging is down", "can't push: 403", "critical: sign-in is down for everybody",
    "security finding: a token in the logs", "the registry is closed", "resolve DNS fails", "akc is not answered",
    "list of hosts is empty", "snooze the alarm in the hall", "release is broken since noon",
    "waiting for @pb to answer", "no access to the vault", "tests hang on main", "disk full on ci-3",
    "note from legal is missing", "help me with DNS", "open ports are blocked", "take over of the domain failed",
    "hand over from Sigma is late", "show case crashes at start", "close button does nothing",
    "fixed ports are taken", "done list is empty again", "need a review from security", "VPN drops every minute",
    "the 3rd replica is lost", "3 of 5 replicas are down", "npm registry answers 502", "Jenkins has no agents",
    "cannot reach https://git.example.com/harbor", "Kafka lags 20 minutes", "rise in memory use",
    "certificate expires in 2 hours", "migration 0042 locks the table", "license server is unreachable",
    "who owns the staging database?", "mine is the only laptop that builds", "critical: data loss in eu-west",
    "access denied: S3 bucket of the release", "build is red since 9:15", "cancel button throws an error",
)  # fmt: skip
LISTS = Path(__file__).parent
TIRED = dict(line.replace("\\n", "\n").split(" || ") for line in (LISTS / "tired.txt").read_text().splitlines())
"""What a tired person types, and the first line of what they read: one edit, other tools, other languages, courtesy."""
MORE = (LISTS / "sentences.txt").read_text().splitlines()
MOST_ASKED = 2
PER_VERB = 2
NUMBERED = re.compile(r"\b1\b")
TYPED = re.compile(r"`(/[a-z]+(?: [^`]*)?)`")
COMMANDS = routes().commands


@dataclass(frozen=True)
class Row:
    """What somebody typed, who got a direct message for it, what changed, and the first line that they read."""

    typed: str
    paged: str
    changed: bool
    says: str
    whole: str

    def __str__(self) -> str:
        return f"{self.typed:44} | {self.paged or '-':7} | {self.says}"


def slips() -> list[str]:
    """One edit in every verb of every command, and in its other names, drawn by a rule that never changes."""
    drawn = random.Random(7)
    found = []
    for command in COMMANDS.values():
        known = {name for verb in command.verbs for name in (verb.name, *verb.aliases)} | {"help"}
        for name in sorted(known - {"help"}):
            made: set[str] = set()
            while len(made) < PER_VERB:
                word = _edited(name, drawn)
                if word not in known and word not in made and " " not in word and word:
                    made.add(word)
                    ends = ("", " 1", " 1 please", " all") if command.word == "blocker" else ("", " 1")
                    found.append(f"/{command.word} {word}{drawn.choice(ends)}")
    return found


def _edited(word: str, drawn: random.Random) -> str:
    at, letter = drawn.randrange(len(word)), drawn.choice(string.ascii_lowercase)
    return drawn.choice((
        word[:at] + letter + word[at:], word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ))  # fmt: skip


@pytest.fixture
async def typing(database_url):
    """A release with three open blockers and a lock; `typing(text)` is what comes of a line that Person A types."""
    async with World(database_url, PLAN, people=PEOPLE) as world:
        for what in ("mongo refuses TLS", "redis is slow today", "the queue is full"):
            await world.says("pa", f"/blocker {what}")
        await world.says("pa", "/lock src/a.py for a test")

        async def types(text: str) -> Row:
            before, entries = world.app.db.transact(_so_far)
            outcome = await world.says("pa", text)
            if not outcome.messages:
                await world.opened("pa")
            whole = _form(world) or outcome.text
            while world.slack.views("pa"):
                await world.slack.close_view("pa")
            paged = " ".join(world.app.db.transact(_told, before))
            return Row(text, paged, world.app.db.transact(_so_far)[1] > entries, whole.split("\n")[0], whole)

        yield types


def _form(world: World) -> str:
    views = world.slack.views("pa")
    return f"FORM {views[-1].shown}" if views else ""


def _so_far(tx):
    """The last message that is to go or has gone, and how much has happened to blockers and locks."""
    last = select(func.coalesce(func.max(Delivery.id), 0)).scalar_subquery()
    about = col(Entry.subject_kind).in_(("blocker", "lock")), Entry.verb != STANDS
    return tx.session.exec(select(last, select(func.count()).select_from(Entry).where(*about).scalar_subquery())).one()


def _told(tx, after: int) -> list[str]:
    """To whom direct messages are to go, or have gone, since."""
    told = select(Delivery.recipient).where(col(Delivery.recipient).is_not(None), col(Delivery.id) > after)
    return list(tx.session.exec(told.order_by(col(Delivery.id))))


async def test_the_command_parser_pages_nobody_for_a_mistake_and_what_help_says_to_type_works(typing):
    expected = TIRED | MISTAKES
    rows = [await typing(text) for text in (*expected, *slips())]
    assert len(rows) >= 700
    wrong = [row for row in rows if row.paged or row.changed or row.says != expected.get(row.typed, row.says)]
    assert not wrong, "\n".join(map(str, wrong))
    usage = ("*`/", "• `/")
    told = {line for row in rows if not row.says.startswith(usage) for line in TYPED.findall(row.whole)}
    assert len(told) > 100
    assert not [line for line in told if not isinstance(_understood(line), Call | Help)]


async def test_the_command_parser_lets_real_sentences_page_at_once(typing):
    rows = [await typing(f"/blocker {text}") for text in SENTENCES]
    assert len(rows) >= 40
    wrong = [row for row in rows if row.paged != "olga" or " is open for Omega." not in row.says]
    assert not wrong, "\n".join(map(str, wrong))


async def test_the_command_parser_asks_about_two_of_a_hundred_sentences_at_most(typing):
    rows = [await typing(f"/blocker {text}") for text in MORE]
    assert len(rows) >= 100
    asked = [row for row in rows if row.paged != "olga"]
    assert len(asked) <= MOST_ASKED, "\n".join(map(str, asked))


def _understood(line: str):
    word, _, rest = line.removeprefix("/").partition(" ")
    return understand(COMMANDS[word], rest)
