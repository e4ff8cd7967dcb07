"""Messages that Slack did not take: pages go out by other ways, and coordinators hear of whom nobody can reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core import notices, outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import (
    BESIDE,
    FALLBACK_AFTER,
    OTHERWISE,
    PAGE,
    DeliveriesParked,
    Delivery,
    Drop,
    Medium,
    Message,
    PagesUnaccepted,
    Priority,
    Reach,
    addresses,
)
from callboard.core.timeline import Subject
from callboard.core.words import counted
from callboard.teams import hindrances, links, service, store
from callboard.teams.notices.coordinators import coordinating, tell, tell_instead

OWN = "teams."
"""Kinds that coordinators read: that these can't be sent is not told to them again."""
REACHES = ("post to", "send messages to")
CHANNELS = ("#", "C", "G")
"""How the addresses of channels begin."""
MOST_PAGES = 200
"""So many pages one summary tells of."""
SENT_WITHIN = timedelta(seconds=30)
"""So long after they were begun, it is known whether pages went by mail."""
EACH_MINUTE = "I try again every minute."
AGAIN = "I try again every hour, and after a day once a day. To try now: `/plan retry`"


def _unreached(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What is not told to whom, why, and what to do; posted only while it is still true."""
    args = delivery.args
    who = _reader(service.directory(tx, delivery.plan_id), args)
    key = args.get("page", "")
    pages = outbox.keyed(tx, [key, f"{key}{OTHERWISE}"])
    taken = [each.posted_at for each in pages if each.posted_at]
    if taken:
        text = f":white_check_mark: {who} was paged after all, {m.date(min(taken), 'both')}. Nothing to do here."
        return Message(text, title="Somebody was paged after all")
    says = _says(tx, pages[0]) if pages else ""
    if isinstance(says, Drop):
        over = f":white_check_mark: {who} was not paged, and need not be any more. Nothing to do here."
        return Message(over, title="A page is no longer needed") if delivery.posted_as else says
    why = _why(args["error"], args["medium"])
    text = f":warning: I can't page {who}. {why} {says}{_remedy(args)}"
    return Message(text, title="Somebody could not be paged")


def _reader(directory: service.Directory, args: Mapping[str, Any]) -> str:
    if args["person"]:
        return directory.called(args["person"])
    return m.address(args["address"]) if args["address"] else "anybody by direct message"


def _says(tx: Tx, page: Delivery) -> str | Drop:
    """What a page is about, in its own first line; empty where it does not say so."""
    notice = tx.of(notices.NOTICES).get(page.kind)
    message = notice.render(tx, page) if notice else None
    if isinstance(message, Drop):
        return message
    return f"The page says: “{message.text.splitlines()[0]}” " if message else ""


def _why(error: str, medium: str) -> str:
    if hindrances.is_known(error):
        return hindrances.reason(error, medium)
    said = f" ({m.escape(error)})" if error else ""
    return f"{'Slack' if medium == Medium.SLACK else 'Their fallback'} did not take the page{said}."


def _remedy(args: Mapping[str, Any]) -> str:
    if not args["person"] or is_of_all(args["error"]):
        return f"Tell them yourself. {hindrances.remedy(args['error'])}".rstrip()
    return "The plan names no other way. Reach them yourself, or add `fallback:` to them in the plan file."


def is_of_all(error: str) -> bool:
    """Whether nobody at all can be told anything in person, as long as this is so."""
    return hindrances.code(error) == "messages_tab_disabled"


def _parked(tx: Tx, delivery: Delivery) -> Message | Drop:
    args = delivery.args
    where, error, medium = m.address(args["address"]), args["error"], args.get("medium", Medium.SLACK)
    mails, shown = medium == Medium.APPRISE, args.get("edit")
    name = "Another address" if mails else "A channel"
    if not addresses.is_parked_at(tx, delivery.workspace, args["address"]):
        if delivery.posted_as is None:
            return Drop("it takes messages again")
        if _was_given_up(tx, args.get("of", "")):
            failed = f":warning: I could not {REACHES[mails]} {where}."
            return Message(f"{failed} What I had to say is over: I don't try again.", title=f"{name} was not reached")
        if args["address"].startswith(CHANNELS) and args["address"] not in links.channels_of(tx, delivery.plan_id):
            moved = f":white_check_mark: The plan names another channel than {where} now, and I post there."
            return Message(moved, title="A channel has another in its place")
        now = f"My message in {where} is up to date" if shown else f"I can {REACHES[mails]} {where}"
        return Message(f":white_check_mark: {now} again.", title=f"{name} is reached again")
    cannot = (
        "I can't send direct messages to anybody." if is_of_all(error)
        else f"I can't update my message in {where}, so it may show an older state." if shown
        else f"I can't {REACHES[mails]} {where}."
    )  # fmt: skip
    tried = any(each.state in ("waiting", "sending") for each in outbox.keyed(tx, [args.get("of", "")]))
    again = EACH_MINUTE if tried else AGAIN
    hints = filter(None, (hindrances.reason(error, medium), hindrances.remedy(error), again))
    return Message(f":warning: {cannot} {' '.join(hints)}", title=f"{name} cannot be reached")


def _was_given_up(tx: Tx, key: str) -> bool:
    """Whether a message that could not be sent never was: nobody knows whether its address takes anything again."""
    return any(each.state == "dropped" for each in outbox.keyed(tx, [key])) if key else False


UNREACHED = Notice(
    kind="teams.unreached",
    told="the coordinators, once for each matter that reached its person or channel in no way",
    render=_unreached, priority=Priority.PAGE, editable=True,
)  # fmt: skip
PARKED = Notice(
    kind="teams.parked", told="the coordinators, once a day for each address that takes no messages", render=_parked,
    priority=Priority.PAGE, editable=True, folds=True,
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


def page_otherwise(tx: Tx, event: PagesUnaccepted) -> None:
    """Slack has not taken these pages in time: they go out by the person's other ways, and one summary says so."""
    for page in event.deliveries:
        _fall_back(tx, page)
    for plan_id in {page.plan_id for page in event.deliveries}:
        _sum_up(tx, plan_id, [page.key for page in event.deliveries if page.plan_id == plan_id])


def _sum_up(tx: Tx, plan_id: int, pages: list[str]) -> None:
    """One message waits until Slack takes messages again; it tells of all pages until then."""
    directory, waiting = service.directory(tx, plan_id), {each.recipient: each for each in store.summaries(tx, plan_id)}
    for person in coordinating(directory, tx).values():
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


def tell_parked(tx: Tx, event: DeliveriesParked, own: Mapping[str, Notice]) -> None:
    """Pages go out by other ways; coordinators hear of the rest, once a day for each address.

    What one of them should hear, by its `own` notice, is told to others.
    """
    for parked in event.deliveries:
        if parked.medium == Medium.CANVAS or parked.error == outbox.UNINSTALLED or links.moved(tx, parked):
            continue
        went = _is_page(parked) and _fall_back(tx, parked)
        gone = _is_lost(tx, parked)
        if parked.kind in own and not went:
            tell_instead(tx, own[parked.kind], parked)
        elif not (gone or _is_page(parked) or parked.kind.startswith(OWN) or _is_old_page(parked)):
            _tell_parked(tx, parked)


def _tell_parked(tx: Tx, parked: Delivery) -> None:
    edit, error = parked.posted_as is not None, parked.error or ""
    where = hindrances.code(error) if is_of_all(error) else parked.address
    key = f"parked:{parked.plan_id}:{where}{':edit' if edit else ''}:{tx.now:%Y-%m-%d}"
    args = {"address": parked.address, "error": error, "medium": parked.medium, "edit": edit, "of": parked.key}
    tell(tx, parked.plan_id, parked.subject, PARKED, key, args, but=parked.address)


def _is_page(delivery: Delivery) -> bool:
    """Whether it pages a person or a channel, which has not heard of it."""
    whom = delivery.recipient or delivery.medium == Medium.SLACK
    return bool(whom) and delivery.posted_as is None and delivery.priority == Priority.PAGE


def _is_old_page(delivery: Delivery) -> bool:
    """Whether somebody was paged by it, and only what it shows now is refused."""
    return delivery.posted_as is not None and delivery.recipient is not None


def _is_lost(tx: Tx, parked: Delivery) -> bool:
    """Whether it was for an account that takes nothing: that is told by itself, or is nobody's of the plan any more."""
    error = parked.error or ""
    if not hindrances.of_account(error) or not parked.address.startswith(("U", "W")):
        return False
    links.lost(tx, parked.workspace, parked.address, hindrances.code(error))
    return True


def _fall_back(tx: Tx, page: Delivery) -> bool:
    """Send a page by the person's other ways, and say whether there is one; else coordinators hear of it, once."""
    directory = service.directory(tx, page.plan_id)
    person = directory.people.get(page.recipient or "")
    reach = directory.fall_back(person) if person and page.medium == Medium.SLACK else None
    if reach is None:
        if not page.kind.startswith(OWN) and page.error != outbox.UNINSTALLED:
            _tell_unreached(tx, page)
        return False
    beside = _beside(tx, page)
    if left := [way for way in reach.address.split() if way not in beside]:
        other = Reach(reach.medium, " ".join(left))
        outbox.enqueue(tx, [outbox.sent_again(page, other, f"{page.key}{OTHERWISE}")])
    return True


def _tell_unreached(tx: Tx, page: Delivery) -> None:
    person, error = page.recipient or "", page.error or ""
    is_one_of_many = is_of_all(error) and not page.key.startswith(PAGE)
    whom = hindrances.code(error) if is_one_of_many else person or page.address
    key = f"unreached:{page.subject_kind}:{page.subject_id}:{page.kind}:{whom}"
    args = {"person": "" if is_one_of_many else person, "address": "" if is_one_of_many else page.address,
            "medium": page.medium, "error": error, "page": page.key.removesuffix(OTHERWISE)}  # fmt: skip
    tell(tx, page.plan_id, page.subject, UNREACHED, key, args, but=page.address)


def _beside(tx: Tx, page: Delivery) -> set[str]:
    """By which ways a page went already, beside Slack."""
    others = outbox.keyed(tx, [f"{page.key}{BESIDE}"])
    return {way for other in others if other.posted_at for way in other.address.split()}
