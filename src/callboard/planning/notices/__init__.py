"""The messages that a plan sends by itself: parts in it, edits, lifted holds, test pages, closed channels, seals.

parts: what teams and people are told of theirs
moves: what two channels are told when the plan names the one in place of the other
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.core.seal import HEAD as HEAD_KIND
from callboard.core.seal import HeadDue
from callboard.core.ticks import Trouble
from callboard.core.timeline import Subject
from callboard.planfile.names import named
from callboard.planfile.sections import SECTIONS
from callboard.planning import briefings, messages, rights, store
from callboard.planning.notices.moves import MOVED
from callboard.planning.notices.parts import BRIEF, CHANGED, GREETING, TOGETHER, WAITS
from callboard.plans import service as plans
from callboard.plans.models import PlanChanging
from callboard.teams import service
from callboard.teams import store as people
from callboard.teams.directory import Directory, Person, working_from
from callboard.teams.models import ChannelsSeen
from callboard.teams.plan.directory import drafted
from callboard.teams.rights import discreet

HEAD_SHOWN = 16
OVERRIDES = "overrides"
EVERYWHERE = "I'm in every channel of the plan now."


def _edited(tx: Tx, delivery: Delivery) -> Message:
    args = delivery.args
    by = service.directory(tx, delivery.plan_id).called(str(args["by"]))
    return messages.edited(by, list(args["changes"]), str(args["reason"]), for_all=not args.get("of"))


def _rights(tx: Tx, delivery: Delivery) -> Message:
    args, directory = delivery.args, service.directory(tx, delivery.plan_id)
    others = (person for person in directory.coordinators if person.slack_id != delivery.address)
    by, whom = directory.called(str(args["by"])), directory.one_of(others)
    return messages.rights_moved(directory.plan_name, by, whom, list(args["changes"]), str(args["reason"]))


def _shifted(tx: Tx, delivery: Delivery) -> Message:
    args, directory = delivery.args, service.directory(tx, delivery.plan_id)
    by, days, reason = directory.called(str(args["by"])), str(args["days"]), str(args["reason"])
    return messages.shifted(by, int(args["moved"]), days, reason)


def _lifted(tx: Tx, delivery: Delivery) -> Message:
    on, args = briefings.stage(tx, delivery.plan_id), delivery.args
    by = [named(on.document, key) for key in args["by"]]
    what = named(on.document, str(args["target"]))
    return messages.lifted(what, by, on.directory.called(str(args["actor"])), str(args["reason"]))


def _test_page(tx: Tx, delivery: Delivery) -> Message:
    directory, by = service.directory(tx, delivery.plan_id), str(delivery.args["by"])
    own = by == delivery.recipient
    return messages.test_page(directory.plan_name, directory.called(by), str(delivery.args["key"]), own=own)


def _got(tx: Tx, delivery: Delivery) -> Message:
    who = service.directory(tx, delivery.plan_id).called(str(delivery.args["person"]))
    return Message(f":white_check_mark: {who} got the test page.")


def _invitation(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Which channels those are now; once the bot is in all of them, that."""
    rows = store.closed_channels(tx, delivery.plan_id)
    name = m.bold(m.escape(service.directory(tx, delivery.plan_id).plan_name))
    if rows:
        lines = [f":no_bell: {name} needs me in more channels.", *messages.how_to_invite(rows)]
        return Message(m.clip("\n".join(lines), m.TEXT))
    if delivery.posted_as:
        refused = any(row.member is False and not row.gone for row in plans.channels(tx, delivery.plan_id))
        left = "I need no invitation any more. What else is wrong: `/plan`"
        return Message(f":white_check_mark: {name}: {left if refused else EVERYWHERE}")
    return Drop("the bot is in every channel now")


def _trouble(_tx: Tx, delivery: Delivery) -> Message:
    args = delivery.args
    return messages.gave_up(str(args["work"]), int(args["row"]), str(args["error"]))


def _heads(tx: Tx, delivery: Delivery) -> Message:
    name = service.directory(tx, delivery.plan_id).plan_name
    return Message(f":lock: The timeline of {m.escape(name)} is sealed. I reply here once a day with what proves it.")


def _head(tx: Tx, delivery: Delivery) -> Message:
    directory = service.directory(tx, delivery.plan_id)
    seq, mark = delivery.args["seq"], delivery.args["hash"][:HEAD_SHOWN]
    return Message(
        f"Sealed up to entry {seq} (`{mark}`). To check that nothing before it was changed: "
        f"`callboard audit verify --plan {directory.plan_key} --head {seq}:{mark}`"
    )


EDITED = Notice(
    kind="plan.edited",
    told="whomever `/plan set` concerns, when somebody else changed it, in their working hours; coordination of a date",
    render=_edited, priority=Priority.ANSWER,
)  # fmt: skip
RIGHTS = Notice(
    kind="plan.rights", told="whoever may do more or less than before, as the plan says now, at once",
    render=_rights, priority=Priority.ANSWER,
)  # fmt: skip
SHIFTED = Notice(kind="teams.shifted", told="coordination, when all that is to come is moved", render=_shifted)
LIFTED = Notice(kind="teams.lifted", told="coordination and the team, when a hold is lifted", render=_lifted)
TEST = Notice(kind="teams.test", told="whoever a test page is for", render=_test_page, priority=Priority.PAGE)
GOT = Notice(
    kind="teams.got", told="whoever sent a test page, when it is confirmed", render=_got, priority=Priority.ANSWER
)
INVITATION = Notice(
    kind="teams.invite", told="coordinators and coordination, while the bot is missing in channels", render=_invitation,
    priority=Priority.ANSWER, editable=True, folds=True,
)  # fmt: skip
TROUBLE = Notice(
    kind="teams.trouble", told="the coordinators of every plan, when something due was given up", render=_trouble,
    priority=Priority.PAGE,
)  # fmt: skip
HEADS = Notice(
    kind="teams.heads", told="coordination, once, before the first head", render=_heads, priority=Priority.DIGEST
)
HEAD = Notice(
    kind=HEAD_KIND, told="the thread of seals, a head of the timeline a day while something happens", render=_head,
    priority=Priority.DIGEST,
)  # fmt: skip
NOTICES = (
    GREETING,
    WAITS,
    TOGETHER,
    CHANGED,
    EDITED,
    RIGHTS,
    MOVED,
    BRIEF,
    SHIFTED,
    LIFTED,
    TEST,
    GOT,
    INVITATION,
    TROUBLE,
    HEADS,
    HEAD,
)


def tell_edited(
    tx: Tx, directory: Directory, by: str, people: Sequence[str], changes: Sequence[str], reason: str
) -> None:  # fmt: skip
    """Tell people in one message each what somebody changed for them."""
    revision = plans.revision(tx, directory.plan_id)
    args = {"by": by, "reason": reason}
    outbox.enqueue(tx, [
        EDITED.post(
            directory, "" if person.vacant else person.slack_id, _about(directory.plan_id),
            f"edited:{directory.plan_id}:{revision}:{person.key}",
            args=args | {"of": person.key, "changes": discreet(directory, person, changes)},
            not_before=working_from(directory, person, tx.now),
        )
        for person in directory.named(people)
    ])  # fmt: skip


def tell_of_date(tx: Tx, directory: Directory, by: str, changes: Sequence[str], reason: str) -> None:
    """Tell the channel of the plan that a date was moved: much may be reckoned from it."""
    key = f"edited:{directory.plan_id}:{plans.revision(tx, directory.plan_id)}:"
    args = {"by": by, "reason": reason, "of": "", "changes": list(changes)}
    outbox.enqueue(tx, [EDITED.post(directory, directory.home_channel(), _about(directory.plan_id), key, args=args)])


def tell_rights(tx: Tx, event: PlanChanging) -> None:
    """Tell everybody who may do more or less from now on, at the account they had and at the one they get."""
    plan_id, sections = event.plan_id, tx.of(SECTIONS)
    before, directory = plans.live(tx, plan_id), service.directory(tx, plan_id)
    every, later = rights.moved(sections, before, event.document, directory), drafted(event.document)
    lines = [
        (each, rights.sentence(sections, each, before, event.document)) for each in every
        if OVERRIDES not in each.place  # whoever begins and ends is told of the hand-over
    ]  # fmt: skip
    revision = plans.revision(tx, plan_id)
    posts = []
    for key in dict.fromkeys([*directory.people, *(later.people if later else ())]):
        seats = [seat for seat in (directory.people.get(key), later.people.get(key) if later else None) if seat]
        changes = discreet(directory, seats[0], dict.fromkeys(line for each, line in lines if each.concerns(key)))
        for address in dict.fromkeys(seat.slack_id for seat in seats) if changes else ():
            if key != event.author:
                name = f"rights:{plan_id}:{revision}:{key}:{address}"
                args = {"by": event.author, "changes": changes, "reason": event.reason}
                posts.append(RIGHTS.post(directory, address, _about(plan_id), name, args=args))
    outbox.enqueue(tx, posts)


def ask_for_invitation(tx: Tx, event: ChannelsSeen) -> None:
    """Tell the coordinators and the coordination channel, once for the same channels, where the bot is missing."""
    plan_id, rows = event.plan_id, store.closed_channels(tx, event.plan_id)
    outbox.touch(tx, "plan", [plan_id])
    if not rows:
        return
    directory = service.directory(tx, plan_id)
    mark = hashlib.sha256(",".join(sorted(row.name for row in rows)).encode()).hexdigest()[:12]
    home, closed = directory.home_channel(), {f"#{row.name}" for row in rows if not row.slack_id}
    addresses = [*(person.slack_id for person in directory.coordinators), "" if home in closed else home]
    outbox.enqueue(tx, [
        INVITATION.post(directory, address, _about(plan_id), f"invite:{plan_id}:{mark}:{address}")
        for address in addresses
    ])  # fmt: skip


def tell_shifted(tx: Tx, directory: Directory, by: str, moved: int, days: str, reason: str) -> None:
    """Announce that somebody moved all that is to come."""
    key = f"shifted:{directory.plan_id}:{plans.revision(tx, directory.plan_id)}"
    args = {"by": by, "moved": moved, "days": days, "reason": reason}
    outbox.enqueue(tx, [SHIFTED.post(directory, directory.home_channel(), _about(directory.plan_id), key, args=args)])


def tell_lifted(tx: Tx, plan_id: int, target: str, by: Sequence[str], actor: str, reason: str) -> None:
    """Announce that somebody let a target go on although something held it."""
    directory = service.directory(tx, plan_id)
    homes = [directory.home_channel(), directory.home_channel(target) if target in directory.teams else ""]
    args = {"target": target, "by": list(by), "actor": actor, "reason": reason}
    outbox.enqueue(tx, [
        LIFTED.post(directory, address, _about(plan_id), f"lifted:{plan_id}:{target}:{tx.now.isoformat()}:{address}",
                    args=args)
        for address in dict.fromkeys(homes)
    ])  # fmt: skip


def tell_trouble(tx: Tx, plan_id: int, trouble: Trouble) -> None:
    """Page the coordinators of a plan: whose row it was is not known here."""
    directory = service.directory(tx, plan_id)
    # Whose row it was is not known: what went wrong may name what another workspace has.
    error = trouble.error if len({plan.workspace for plan in plans.every(tx)}) == 1 else "see the log"
    args = {"work": trouble.work, "row": trouble.row_id, "error": error}
    for coordinator in directory.coordinators:
        reach = directory.reach(coordinator)
        if reach and directory.workspace:
            key = f"trouble:{trouble.work}:{trouble.row_id}:{directory.workspace}:{reach.medium}:{reach.address}"
            post = TROUBLE.post(directory, reach, _about(plan_id), key, args=args, recipient=coordinator.key)
            outbox.enqueue(tx, [post])


def tell_head(tx: Tx, head: HeadDue) -> None:
    """Post it in one thread of the coordination channel, once for each state of the timeline."""
    if head.plan_id:
        directory = service.directory(tx, head.plan_id)
        key, home, plan = f"head:{head.plan_id}", directory.home_channel(), _about(head.plan_id)
        args = {"seq": head.seq, "hash": head.hash}
        outbox.enqueue(tx, [
            HEADS.post(directory, home, plan, key),
            HEAD.post(directory, home, plan, f"{key}:{head.seq}", args=args, thread=key),
        ])  # fmt: skip


def send_test_page(tx: Tx, directory: Directory, person: Person, reach: Reach, by: str) -> None:
    """Page somebody to see that it works."""
    key = f"test:{directory.plan_id}:{person.key}:{by}:{tx.now:%Y%m%dT%H%M%S}"
    about = people.subject(tx, directory.plan_id, person.key)
    post = TEST.post(directory, reach, about, key, args={"by": by, "key": key}, recipient=person.key)
    outbox.enqueue(tx, [post])


def tell_got(tx: Tx, directory: Directory, person: str, teller: Person, key: str) -> None:
    """Tell whoever sent a test page that it was confirmed."""
    about = people.subject(tx, directory.plan_id, person)
    outbox.enqueue(tx, [
        GOT.post(directory, directory.reach(teller), about, f"{key}:got", args={"person": person},
                 recipient=teller.key),
    ])  # fmt: skip


def _about(plan_id: int) -> Subject:
    return Subject("plan", plan_id)
