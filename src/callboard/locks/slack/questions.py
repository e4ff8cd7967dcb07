"""What is asked before something is locked: a verb that was mistyped, a path that no repository has, what is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import few, joined
from callboard.locks import messages, paths, rights, service, store, targets
from callboard.locks.models import LIVE, Lock, State
from callboard.locks.targets import Known, Wish
from callboard.slack import small_words
from callboard.slack.answers import Say
from callboard.slack.grammar import Verb
from callboard.teams.directory import Asker

ANYWAY, NEAR, FREE, RELEASE = "lock.anyway:typed", "lock.anyway:near", "lock.anyway:free", "lock.release"
EVERYTHING = ("all", "mine", "everything", "none", "nothing", "that", "this", "it")
ACQUIRING = ("lock", "get", "claim", "acquire", "grab")
"""What other tools call it, typed behind the slash word as there: `/lock acquire src/api/**`."""
SHORTEST, ALIKE, MOST = 4, 0.8, 5


def without_habit(text: str, known: Known) -> str:
    """What is to be locked, without the verb that other tools want in front of it; `take` is a verb here, too."""
    verb, _, rest = text.strip().partition(" ")
    named, _ = targets.words(rest)
    is_path = bool(named) and not targets.THING.fullmatch(named[0])
    habit = verb.lower() in ACQUIRING or (verb.lower() == "take" and is_path)
    return rest.strip() if habit and named and verb not in known.folders else text


def mistyped(tx: Tx, who: Asker, text: str, verbs: Mapping[str, Verb], slash: str, known: Known) -> Say | None:
    """Whether this is no path but a verb with what it does not take, or one that is misspelled."""
    named, _ = targets.words(text)
    first = named[0].lower() if named and text.lstrip().lower().startswith(named[0].lower()) else ""
    if not targets.THING.fullmatch(first) or first in known.folders:
        return None
    near = [first] if first in verbs else []
    empty = small_words.says_nothing(text) and not any(letter in text for letter in "/.*#")
    if len(first) >= SHORTEST and len(named) > 1:
        near = near or get_close_matches(first, verbs, 1, ALIKE)
    if not near and not empty and not set(map(str.lower, named)) <= set(EVERYTHING):
        return None
    verb = verbs[near[0]] if near else None
    how = f"`{slash} {verb.usage}`: {verb.help}" if verb else f"Name what to lock: `{slash} src/api/** for refactoring`"
    held = _meant(tx, who, " ".join(named[1:]), known) or store.live(tx, who.directory.plan_id, LIVE, who.person.key)
    reads = f"reads like my word `{verb.name}`" if verb and verb.name != first else "is a word of mine"
    lines = [
        f"I locked nothing: {m.code(first)} {reads if verb else 'is no path'}.",
        f"{how}.",
        *([f"Yours: {few([_short(lock) for lock in held], MOST)}."] if held else []),
    ]
    giving_back = verb is not None and verb.name == "release"
    ones = [
        b.button(f"Release lock {lock.number}", f"{RELEASE}:{lock.number}", f"{lock.number}:{lock.changes}")
        for lock in (held[:MOST] if giving_back else ())
    ]  # fmt: skip
    return asked("\n".join(lines), text, f"Lock {joined(named)}", *ones)


def _meant(tx: Tx, who: Asker, text: str, known: Known) -> list[Lock]:
    """The asker's own locks on what is named."""
    try:
        named, _ = targets.words(text)
        wanted = [targets.read(m.unlinked(word), known) for word in named]
    except Refused:
        return []
    rivals = store.rivals(tx, who.directory.plan_id, wanted)
    return [rival.lock for rival in rivals if rival.lock.holder == who.person.key]


def unknown(tx: Tx, who: Asker, text: str, known: Known) -> Say | None:
    """Whether a path is in no repository; the nearest is offered, and to lock it anyway: new files exist."""
    named, rest = targets.words(text)
    doubt = paths.doubt(tx, who.directory.plan_id, named, known)
    if doubt is None:
        return None
    head = f"No repository has {messages.codes(doubt.unknown)} yet, so I locked nothing."
    if not doubt.near:
        return asked(f"{head} Is it new?", text, "It is new: lock it")
    near = " ".join(doubt.near)
    meant = b.button(f"Lock {near}", NEAR, f"{near}{rest}", style="primary")
    return asked(f"{head} Do you mean {m.code(near)}?", text, "It is new: lock it", meant)


def free(tx: Tx, who: Asker, wish: Wish, over: Lock | None = None) -> Say | None:
    """Whether there is nothing to wait for: say so, and offer to lock it."""
    if not service.is_free(tx, who, wish):
        return None
    text = " ".join(map(targets.quoted, wish.targets)) + (f" for {wish.reason}" if wish.reason else "")
    codes, lines = messages.codes(list(map(str, wish.targets))), []
    if over is not None and over.state == State.OVER:
        by = who.directory.called(over.ended_by or over.holder)
        when = f" {m.date(over.ended_at, 'both')}" if over.ended_at else ""
        how = f" by {by}" if over.ended_by in who.directory.people else ""
        lines.append(f"Lock {over.number} was {over.ended_how}{how}{when}.")
    lines.append(f"{codes} {'is' if len(wish.targets) == 1 else 'are'} free: you need not wait.")
    row = b.actions(b.button("Lock it", FREE, text, style="primary"))
    return Say(" ".join(lines), [b.section(" ".join(lines)), row] if len(text) <= b.VALUE else ())


def asked(text: str, typed: str, yes: str, *buttons: dict[str, object]) -> Say:
    """A question with its buttons; the last one locks it as it was typed."""
    row = [*buttons, *([b.button(yes, ANYWAY, typed)] if len(typed) <= b.VALUE else [])]
    return Say(text, [b.section(m.clip(text, m.TEXT)), *([b.actions(*row)] if row else [])])


def _short(lock: Lock) -> str:
    return f"lock {lock.number} {messages.codes(lock.targets)}"


def none_of(states: Sequence[State], what: str) -> Refused:
    """Why there is nothing that `all` could mean."""
    words = {State.HELD: "hold no lock", State.OFFERED: "are offered no lock", State.WAITING: "wait for no lock"}
    why = joined((words[state] for state in states if state in words), word="and")
    return Refused(f"You {why}, so there is nothing to {what}. {rights.TO_LIST}")
