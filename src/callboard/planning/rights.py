"""Who may begin a plan, hand in a new version, or change a part; nobody gives rights to themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.core.words import few_lines, joined
from callboard.planfile import diff
from callboard.planfile.header import CHANNEL_ID, channel_names
from callboard.planfile.paths import ABSENT, find, keyed, walk
from callboard.planfile.sections import SECTIONS, Document, Section, Sections
from callboard.planfile.types import ON_CALL
from callboard.planning.lookup import Thing
from callboard.plans import service as plans
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person
from callboard.teams.plan.directory import drafted

ADMINS, ANYBODY = "admins", "anybody"
STARTERS: Key[tuple[str, ...]] = Key("who may begin a plan in Slack: `admins`, `anybody`, Slack ids", (ADMINS,))
SHARED: Key[tuple[str, ...]] = Key("the channels in which several plans may post", ())
PEOPLE = "people"
CONTACT = ("email", "phone", "fallback", "git", "github")
"""What a coordinator may correct for themselves while nobody else can."""
LEAVE = (("away",), ("vacant",))
"""What of a person lets their deputies act."""
MOST = 6
LEAD_OF = "lead of "
MARKED = {"lead_of": LEAD_OF, ON_CALL: f"{ON_CALL} "}
MACHINE = "`callboard apply`"


class Comer(Protocol):
    """Who hands something in: a request from Slack is one. `is_admin` is None while Slack has not said so."""

    @property
    def workspace(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def is_bot(self) -> bool: ...

    @property
    def is_admin(self) -> bool | None: ...


@dataclass(frozen=True)
class Moved:
    """A place that says who may do something, before and after; whom it is about, by keys.

    `named` are those whom it names, whose seat it is, or who act for whom it sends away; `taken` and `given` are also
    those whom its roles and teams mean, before and after. `whole`: what it is in is new or gone.
    """

    place: tuple[str, ...]
    before: Any
    after: Any
    named: frozenset[str]
    taken: frozenset[str]
    given: frozenset[str]
    whole: bool

    def concerns(self, person: str) -> bool:
        """Whether it moves somebody's rights; what is new or gone as a whole does where it names them."""
        return person in self.named or (person in self.taken | self.given and not self.whole)

    def prefers(self, person: str, others: Iterable[str]) -> bool:
        """Whether it moves somebody's rights and not in the same way those of all others."""
        sides = () if self.whole else (self.taken, self.given)
        return any(person in side and not side.issuperset(others) for side in sides)


def moved(sections: Sections, before: Document, after: Document, *known: Directory) -> list[Moved]:
    """Where two documents differ in who may do what. `known` are the directories that know the people."""
    every = [directory for directory in (drafted(before), drafted(after), *known) if directory]
    found = []
    for section in sections:
        if section.gives:
            sides = [_given(section, document.body.get(section.name)) for document in (before, after)]
            for place in dict.fromkeys([*sides[0], *sides[1]]):
                was, now = (side.get(place, ABSENT) for side in sides)
                if was != now:
                    whole = any(find(document.body, place[:-1]) is ABSENT for document in (before, after))
                    found.append(_moved(every, place, was, now, whole=whole))
    return found


def _given(section: Section[Any], written: Any) -> dict[tuple[str, ...], Any]:
    """What a section says of who may do what: by the entry, and the key in it."""
    entries = keyed(written) if isinstance(written, list) else written if isinstance(written, Mapping) else {}
    return {
        (section.name, str(key), *path): value
        for key, entry in entries.items() for path, value in _below(section.gives, entry)
    }  # fmt: skip


def _below(keys: Iterable[str], written: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inside = keyed(written) if isinstance(written, list) else written if isinstance(written, Mapping) else {}
    for key, value in inside.items():
        if key in keys:
            yield (*path, str(key)), value
        else:
            yield from _below(keys, value, (*path, str(key)))


def _moved(every: list[Directory], place: tuple[str, ...], was: Any, now: Any, *, whole: bool) -> Moved:
    old, new = _words(was), _words(now)
    if old == new:  # another order, or how many
        old, new = old | new, old | new
    else:
        old, new = old - new, new - old
    people = {key for directory in every for key in directory.people}
    seat = {place[1]} if place[0] == PEOPLE else set()
    if place[0] == PEOPLE and place[2:] in LEAVE:
        known = (directory.people.get(place[1]) for directory in every)
        seat = seat.union(*(person.deputies for person in known if person))
    taken, given = ({person.key for directory in every for word in words for person in _meant(directory, word)}
                    for words in (old, new))  # fmt: skip
    return Moved(place, was, now, frozenset(((old | new) & people) | seat), frozenset(taken), frozenset(given), whole)


def _meant(directory: Directory, word: str) -> tuple[Person, ...]:
    if word.startswith(LEAD_OF):
        return directory.leads_of(word.removeprefix(LEAD_OF))
    return recipients.seats(directory, [word], recipients.Concern())


def _words(written: Any) -> set[str]:
    """Every plain value in what is written; `lead_of: omega` and `on_call: ops` are words of their own."""
    if isinstance(written, Mapping):
        own = {f"{mark}{written[key]}" for key, mark in MARKED.items() if key in written}
        return own.union(*(_words(value) for key, value in written.items() if key not in MARKED))
    if isinstance(written, list | tuple):
        return set().union(*map(_words, written))
    return set() if written in (ABSENT, None) else {str(written)}


def not_for_oneself(tx: Tx, who: Asker, before: Document, after: Document) -> list[Moved]:
    """Refuse what gives rights to whoever does it: another coordinator can, or whoever runs Callboard.

    A rule for a role is not for oneself where it is for all coordinators alike. Who is the only coordinator may correct
    how they are reached. Returns what moved.
    """
    directory, me = who.directory, who.person.key
    others = [person for person in directory.coordinators if person.key != me and not person.vacant]
    every = moved(tx.of(SECTIONS), before, after, directory)
    wrong = [
        each for each in every
        if (me in each.named and not (not others and each.place[:2] == (PEOPLE, me) and each.place[2] in CONTACT))
        or each.prefers(me, [other.key for other in others])
    ]  # fmt: skip
    if not wrong:
        return every
    what = joined(few_lines([f"`{'.'.join(each.place)}`" for each in wrong], MOST))
    able = [person for person in others if not any(person.key in each.named for each in wrong)]
    if others:
        hint = f"{directory.one_of(able or others)} can."
    else:
        hint = (
            f"You are the only coordinator: make somebody else one, `/plan set PERSON roles [{COORDINATOR}]`, or ask "
            f"whoever runs Callboard to use {MACHINE}. You can correct your own {joined(CONTACT, word='or')}."
        )
    raise Refused(f"You can't change what you may do yourself: {what}. {hint}")


def may_change(sections: Sections, who: Asker, thing: Thing, field: str, own: Iterable[str]) -> None:
    """Coordinators can change anything; leads what gives nobody a right, where it is of their teams `own`.

    When a coordinator can be reached is for no lead to say.
    """
    directory = who.directory
    above = thing.section == PEOPLE and thing.key in {person.key for person in directory.coordinators}
    mine = [] if above else list(own)
    led, gives = next(((each.led, each.gives) for each in sections if each.name == thing.section), ((), ()))
    key = field.partition(".")[0]
    if directory.has_role(who.person, COORDINATOR):
        return
    leads = any(directory.is_lead(who.person, team) for team in mine)
    if leads and key in led:
        return
    if leads:
        can = f" You can change {joined(f'`{each}`' for each in led)}." if led else ""
        raise Refused(f"Only {_coordinators(directory)} can change `{m.clip(key, 40)}` of {thing.kind} "
                      f"`{thing.key}`.{can}")  # fmt: skip
    named = [lead for team in mine for lead in directory.leads_of(team)] if led and key not in gives else []
    may = directory.one_of([*named, *directory.coordinators]) or "whoever keeps the plan file"
    raise Refused(f"Only {may} can change {thing.kind} `{thing.key}`.")


def author(tx: Tx, comer: Comer, document: Document) -> Asker | str:
    """Who hands in a plan file: a coordinator of the plan that runs; of a new one, who may begin it, by their key.

    Raises Refused for everybody else.
    """
    key, name = str(document.body["key"]), m.escape(str(document.body.get("name")))
    if comer.is_bot:
        raise Refused("Only people can apply a plan.")
    running = next((plan for plan in plans.running(tx, comer.workspace) if plan.key == key), None)
    if running is None:
        return _begins(tx, comer, document, name)
    directory = teams.directory(tx, running.id)
    person = directory.by_slack(comer.user)
    if person is None or not directory.has_role(person, COORDINATOR):
        may = directory.one_of(directory.coordinators)
        raise Refused(f"Only {may} can apply {name}." if may else f"{name} has no coordinator: use {MACHINE}.")
    return Asker(directory, person)


def applies(tx: Tx, comer: Comer, author: Asker | str, document: Document) -> str:
    """The key of whoever may make the plan what a document says. Raises Refused where it gives them rights."""
    before = None if isinstance(author, str) else plans.live(tx, author.directory.plan_id)
    refuse_rooms(tx, comer.workspace, comer.user, before, document)
    if isinstance(author, str) or before is None:
        return str(author)
    not_for_oneself(tx, author, before, document)
    return author.person.key


def _begins(tx: Tx, comer: Comer, document: Document, name: str) -> str:
    may = tx.of(STARTERS)
    admin = bool(comer.is_admin) and ADMINS in may
    if not admin and ANYBODY not in may and comer.user not in may:
        if ADMINS in may and comer.is_admin is None:
            raise Refused("Slack did not tell me whether you are an admin of this workspace. Try again in a minute.")
        admins = ["workspace admins"] if ADMINS in may else []
        who = joined([*admins, *(m.mention(user) for user in may if user != ADMINS)], word="or")
        only = f"only {who} can begin it" if who else "nobody can begin it in Slack"
        raise Refused(f"{name} is a new plan, and {only}. Ask them, or whoever runs Callboard: they can use {MACHINE}.")
    people: dict[str, Any] = dict(document.body.get(PEOPLE) or {})
    for key, part in people.items():
        if part.get("slack") == comer.user and COORDINATOR in (part.get("roles") or ()):
            return key
    raise Refused(
        f"{name} is a new plan, so only a coordinator named in the file can start it. Write "
        f"`slack: {comer.user}` and `roles: [coordinator]` for yourself, or use {MACHINE}."
    )


def _coordinators(directory: Directory) -> str:
    return directory.one_of(directory.coordinators) or "whoever keeps the plan file"


def sentence(sections: Sections, each: Moved, before: Document, after: Document) -> str:
    """What moved, in words: `person leo: roles nothing -> coordinator`; of what has left the plan only that.

    Of the account of somebody who was in no plan before, only that they are in it.
    """
    if find(after.body, each.place[:2]) is ABSENT and find(before.body, each.place[:2]) is not ABSENT:
        return f"{diff.label(before.body, sections, each.place[:2])} has left the plan"
    if each.place[0] == PEOPLE and each.place[2:] == ("slack",) and find(before.body, each.place[:2]) is ABSENT:
        return f"{diff.label(after.body, sections, each.place[:2])} is in the plan now"
    body = before.body if each.after is ABSENT else after.body
    label = diff.label(body, sections, each.place) if find(body, each.place) is not ABSENT else ".".join(each.place)
    return f"{label}: {diff.shown(each.before)} -> {diff.shown(each.after)}"


def refuse_rooms(tx: Tx, workspace: str, user: str, before: Document | None, after: Document) -> None:
    """Refuse a channel of another plan, unless its coordinator does it, or the operator lets plans share it."""
    new = _rooms(after) - (_rooms(before) if before else set())
    shared = {room.removeprefix("#") for room in tx.of(SHARED)}
    key = after.body.get("key")
    for plan in plans.running(tx, workspace) if new - shared else ():
        directory = teams.directory(tx, plan.id)
        known = {word for channel in directory.channels for word in (channel.name, channel.slack_id) if word}
        theirs = sorted((new - shared) & known)
        person = directory.by_slack(user)
        if plan.key == key or not theirs or (person and directory.has_role(person, COORDINATOR)):
            continue
        room = m.address(theirs[0] if CHANNEL_ID.fullmatch(theirs[0]) else f"#{theirs[0]}")
        may = directory.one_of(directory.coordinators)
        hint = f"{may} can do this, as a coordinator of both plans. " if may else ""
        raise Refused(f"{room} belongs to the plan {m.escape(directory.plan_name)}, so this plan can't post there. "
                      f"{hint}Or choose another channel.")  # fmt: skip


def _rooms(document: Document) -> set[str]:
    """The channels in which a plan posts, by name or id."""
    ids = {str(value) for _, value in walk(document.body) if isinstance(value, str) and CHANNEL_ID.fullmatch(value)}
    return ids | set(channel_names(document.body))
