"""Messages that Slack did not take: pages go out by other ways, and coordinators hear of whom nobody can reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import (
    BESIDE,
    FALLBACK_AFTER,
    OTHERWISE,
    DeliveriesParked,
    Delivery,
    Drop,
    Medium,
    Message,
    PagesUnaccepted,
    Priority,
    Reach,
)
from callboard.core.timeline import Subject
from callboard.core.words import counted
from callboard.plans import service as plans
from callboard.teams import hindrances, links, service, store
from callboard.teams.models import AccountChanged, ChannelRemade, PersonAway

OWN = "teams."
"""Kinds that coordinators read: that these can't be sent is not told to them again."""
REACHES = ("post to", "send messages to")
MOST_PAGES = 200
"""So many pages one summary tells of."""
SENT_WITHIN = timedelta(seconds=30)
"""So long after they were begun, it is known whether pages went by mail."""
AGAIN = "I try again every hour. To try now: `/plan retry`"


def _unreached(tx: Tx, delivery: Delivery) -> Message:
    args = delivery.args
    who = service.directory(tx, delivery.plan_id).called(args["person"])
    page = args.get("page", "")
    taken = [each.posted_at for each in outbox.keyed(tx, [page, f"{page}{OTHERWISE}"]) if each.posted_at]
    if taken:
        text = f":white_check_mark: {who} was paged after all, {m.date(min(taken), 'both')}. Nothing to do here."
        return Message(text, title="Somebody was paged after all")
    tried = "Slack" if args["medium"] == Medium.SLACK else "Their fallback"
    why = f" ({m.escape(args['error'])})" if args["error"] else ""
    text = (
        f":warning: I can't page {who}. {tried} did not take the page{why}, and the plan names no other way. "
        "Reach them yourself, or add `fallback:` to them in the plan file."
    )
    return Message(text, title="Somebody could not be paged")


def _parked(tx: Tx, delivery: Delivery) -> Message | Drop:
    args = delivery.args
    where, error, medium = m.address(args["address"]), args["error"], args.get("medium", Medium.SLACK)
    mails, shown = medium == Medium.APPRISE, args.get("edit")
    name = "Another address" if mails else "A channel"
    if not outbox.is_parked_at(tx, delivery.workspace, args["address"]):
        if delivery.posted_as is None:
            return Drop("it takes messages again")
        if _was_given_up(tx, args.get("of", "")):
            failed = f":warning: I could not {REACHES[mails]} {where}."
            return Message(f"{failed} What I had to say is over: I don't try again.", title=f"{name} was not reached")
        now = f"My message in {where} is up to date" if shown else f"I can {REACHES[mails]} {where}"
        return Message(f":white_check_mark: {now} again.", title=f"{name} is reached again")
    cannot = (
        f"I can't update my message in {where}, so it may show an older state." if shown
        else f"I can't {REACHES[mails]} {where}."
    )  # fmt: skip
    hints = filter(None, (hindrances.reason(error, medium), hindrances.remedy(error), AGAIN))
    return Message(f":warning: {cannot} {' '.join(hints)}", title=f"{name} cannot be reached")


def _was_given_up(tx: Tx, key: str) -> bool:
    """Whether a message that could not be sent never was: nobody knows whether its address takes anything again."""
    return any(each.state == "dropped" for each in outbox.keyed(tx, [key])) if key else False


def _absence(tx: Tx, delivery: Delivery) -> Message:
    directory, (verb, _, days) = service.directory(tx, delivery.plan_id), str(delivery.args["said"]).partition(" ")
    by = directory.called(str(delivery.args["by"]))
    if verb == "back":
        return Message(
            f":wave: {by} removed your absence on {m.escape(days)}. Still away? `/plan away` notes it again."
        )
    return Message(f":wave: {by} noted that you are away on {m.escape(days)}. Not so? `/plan back` removes it.")


ABSENCE = Notice(
    kind="teams.absence", told="whoever is away or back, when somebody else said so", render=_absence,
    priority=Priority.ANSWER,
)  # fmt: skip
UNREACHED = Notice(
    kind="teams.unreached", told="the coordinators, once for each matter that reached its person in no way",
    render=_unreached, priority=Priority.PAGE, editable=True,
)  # fmt: skip
PARKED = Notice(
    kind="teams.parked", told="the coordinators, once a day for each address that takes no messages", render=_parked,
    priority=Priority.PAGE, editable=True, folds=True,
)  # fmt: skip


def tell_absent(tx: Tx, event: PersonAway) -> None:
    """While somebody is away their deputies act for them, so they hear who said it."""
    directory = service.directory(tx, event.plan_id)
    person = directory.people[event.person]
    if event.by != person.key:
        about, revision = store.subject(tx, event.plan_id, person.key), plans.revision(tx, event.plan_id)
        args, key = {"by": event.by, "said": event.said}, f"absence:{event.plan_id}:{person.key}:{revision}"
        outbox.enqueue(tx, [ABSENCE.post(directory, person.slack_id, about, key, args=args)])


def _lost(tx: Tx, delivery: Delivery) -> Message:
    directory = service.directory(tx, delivery.plan_id)
    person = directory.people.get(delivery.args["person"])
    name = m.escape(person.name if person else delivery.args["person"])
    if person is None or not person.lost:
        return Message(f":white_check_mark: {name} is in Slack again.", title="Somebody is in Slack again")
    other = directory.standing_in(person, tx.now)
    stands_in = f"{directory.called(other)} stands in" if other else "Nobody stands in"
    why = hindrances.of_account(person.lost)
    text = f":no_entry: {name} {why}. {stands_in}. Name somebody else in the plan file."
    return Message(text, title="Somebody left Slack")


def _remade(_tx: Tx, delivery: Delivery) -> Message:
    where = m.address(delivery.args["channel"])
    text = f":white_check_mark: #{m.escape(delivery.args['name'])} was made anew. I post in {where} from now on."
    return Message(text, title="A channel was made anew")


LOST = Notice(
    kind="teams.lost", told="the coordinators, once for each person whose Slack account takes nothing any more",
    render=_lost, priority=Priority.PAGE, editable=True,
)  # fmt: skip
REMADE = Notice(
    kind="teams.remade", told="the coordinators, once for each channel that was made anew", render=_remade,
    priority=Priority.UPDATE,
)  # fmt: skip


def _away(tx: Tx, delivery: Delivery) -> Message:
    """What became of the pages that Slack did not take. It is written when Slack takes it: by then it is back."""
    directory, keys = service.directory(tx, delivery.plan_id), delivery.args["pages"]
    pages, others = outbox.keyed(tx, keys), outbox.keyed(tx, [f"{key}{OTHERWISE}" for key in keys])
    went = Counter(f"by {each.posted_in or 'other ways'}" for each in others if each.posted_at)
    unsure = [each for each in others if not each.posted_at and each.doubtful_since]
    reached = {each.key.removesuffix(OTHERWISE) for each in others if each.posted_at or each.doubtful_since}
    left = [page for page in pages if page.key not in reached and not page.posted_at and page.state != "dropped"]
    late, answered = sum(1 for page in pages if page.posted_at), sum(1 for each in others if each.answered_at)
    ways = [f"{count if n else counted(count, 'page')} went {by}" for n, (by, count) in enumerate(went.items())]
    said = (
        ", ".join(ways) if ways else "no page went by mail or telephone",
        f"{counted(answered, 'of them was', 'of them were')} answered by link" if answered else "",
        f"{counted(late, 'page')} came late, in Slack" if late else "",
        f"not sure it arrived: {counted(len(unsure), 'page')} to {_readers(directory, unsure)}" if unsure else "",
        f"not reached: {_readers(directory, left)}" if left else "",
    )
    slow = all(page.delayed_until for page in pages)
    span = f"{m.date(datetime.fromisoformat(delivery.args['since']))} to {m.date(tx.now)}"
    short = delivery.attempts and tx.now <= delivery.created_at + 2 * SENT_WITHIN
    icon, head = (":snail:", "While Slack was slow") if slow else (":satellite:", "While Slack was away")
    began = "Slack did not take every page in time" if short else head
    return Message(f"{icon} {began}, {span}: {'; '.join(filter(None, said))}.", title=began)


def _readers(directory: service.Directory, pages: Iterable[Delivery]) -> str:
    return ", ".join(dict.fromkeys(directory.called(page.recipient) for page in pages))


AWAY = Notice(
    kind="teams.away", told="the coordinators, once Slack is back, when pages went by other ways meanwhile",
    render=_away, priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (ABSENCE, UNREACHED, PARKED, LOST, REMADE, AWAY)


def tell_lost(tx: Tx, event: AccountChanged) -> None:
    """Coordinators hear once that somebody's account takes nothing; the same message says when it does again."""
    about = Subject("person", event.row_id)
    if event.why:
        key = f"lost:{event.plan_id}:{event.person}:{tx.now:%Y-%m-%d}"
        _tell(tx, event.plan_id, about, LOST, key, {"person": event.person})
    outbox.touch(tx, about.kind, [about.id])


def tell_remade(tx: Tx, event: ChannelRemade) -> None:
    """Coordinators hear once of a channel that was made anew."""
    about, args = Subject("plan", event.plan_id), {"name": event.name, "channel": event.slack_id}
    _tell(tx, event.plan_id, about, REMADE, f"remade:{event.plan_id}:{event.slack_id}", args)


def _tell(tx: Tx, plan_id: int, about: Subject, notice: Notice, key: str, args: dict[str, Any]) -> None:
    """Tell every coordinator, or who stands in."""
    directory = service.directory(tx, plan_id)
    for person in _coordinating(directory, tx):
        if reach := directory.reach(person):
            post = notice.post(directory, reach, about, f"{key}:{person.key}", args=args, recipient=person.key)
            outbox.enqueue(tx, [post])


def page_otherwise(tx: Tx, event: PagesUnaccepted) -> None:
    """Slack has not taken these pages in time: they go out by the person's other ways, and one summary says so."""
    _fall_back(tx, event.deliveries)
    for plan_id in {page.plan_id for page in event.deliveries}:
        _sum_up(tx, plan_id, [page.key for page in event.deliveries if page.plan_id == plan_id])


def _sum_up(tx: Tx, plan_id: int, pages: list[str]) -> None:
    """One message waits until Slack takes messages again; it tells of all pages until then."""
    directory, waiting = service.directory(tx, plan_id), {each.recipient: each for each in store.summaries(tx, plan_id)}
    for person in _coordinating(directory, tx):
        if summary := waiting.get(person.key):
            known = summary.args["pages"]
            more = [key for key in pages if key not in known]
            summary.args = summary.args | {"pages": [*known, *more][:MOST_PAGES]}
        elif person.slack_id and not person.lost:
            args = {"since": (tx.now - FALLBACK_AFTER).isoformat(), "pages": pages[:MOST_PAGES]}
            about, key = Subject("plan", plan_id), f"away:{pages[0]}:{person.key}"
            post = AWAY.post(
                directory, person.slack_id, about, key, args=args, recipient=person.key, not_before=tx.now + SENT_WITHIN
            )  # fmt: skip
            outbox.enqueue(tx, [post])


def _coordinating(directory: service.Directory, tx: Tx) -> Iterable[service.Person]:
    """Every coordinator, or who stands in."""
    present = (directory.standing_in(one, tx.now) for one in directory.coordinators)
    return {each.key: each for each in present if each}.values()


def tell_parked(tx: Tx, event: DeliveriesParked) -> None:
    """Pages go out by other ways; coordinators hear of the rest, once a day for each address."""
    pages = [each for each in event.deliveries if each.priority == Priority.PAGE and each.recipient]
    _fall_back(tx, pages)
    gone = {
        parked.address for parked in event.deliveries
        if hindrances.of_account(parked.error or "")
        and parked.address.startswith(("U", "W"))
        and links.lost(tx, parked.workspace, parked.address, hindrances.code(parked.error or ""))
    }  # fmt: skip
    for parked in event.deliveries:
        if parked.medium == Medium.CANVAS or parked.error == outbox.UNINSTALLED:
            continue
        if parked.address not in gone and parked not in pages and not parked.kind.startswith(OWN):
            edit = parked.posted_as is not None
            key = f"parked:{parked.plan_id}:{parked.address}{':edit' if edit else ''}:{tx.now:%Y-%m-%d}"
            args = {"address": parked.address, "error": parked.error or "", "medium": parked.medium, "edit": edit}
            args["of"] = parked.key
            _tell_coordinators(tx, parked, PARKED, key, args)


def _fall_back(tx: Tx, pages: Iterable[Delivery]) -> None:
    """Send pages by the person's other ways; where there is none, coordinators hear of it once."""
    for page in pages:
        directory = service.directory(tx, page.plan_id)
        person = directory.people.get(page.recipient or "")
        reach = directory.fall_back(person) if person and page.medium == Medium.SLACK else None
        beside = _beside(tx, page) if reach else set()
        if reach and beside.issuperset(reach.address.split()):
            continue
        if reach:
            reach = Reach(reach.medium, " ".join(way for way in reach.address.split() if way not in beside))
            outbox.enqueue(tx, [outbox.sent_again(page, reach, f"{page.key}{OTHERWISE}")])
        elif not page.kind.startswith(OWN) and page.error != outbox.UNINSTALLED:
            args = {"person": page.recipient or "", "medium": page.medium, "error": page.error or "",
                    "page": page.key.removesuffix(OTHERWISE)}  # fmt: skip
            key = f"unreached:{page.subject_kind}:{page.subject_id}:{page.kind}:{page.recipient}"
            _tell_coordinators(tx, page, UNREACHED, key, args)


def _beside(tx: Tx, page: Delivery) -> set[str]:
    """By which ways a page went already, beside Slack."""
    others = outbox.keyed(tx, [f"{page.key}{BESIDE}"])
    return {way for other in others if other.posted_at for way in other.address.split()}


def _tell_coordinators(tx: Tx, about: Delivery, notice: Notice, key: str, args: dict[str, Any]) -> None:
    directory = service.directory(tx, about.plan_id)
    for coordinator in directory.coordinators:
        reach, subject = directory.reach(coordinator), about.subject
        if reach and reach.address != about.address:
            post = notice.post(directory, reach, subject, f"{key}:{coordinator.key}", args=args,
                               recipient=coordinator.key)  # fmt: skip
            outbox.enqueue(tx, [post])
