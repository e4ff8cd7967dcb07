"""The messages that a plan sends by itself: greetings, changes, lifted holds, test pages, closed channels, seals."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from callboard import blocks as b
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Reach
from callboard.core.seal import HeadDue
from callboard.core.ticks import Trouble
from callboard.core.timeline import Subject
from callboard.planfile.sections import named
from callboard.planning import briefings, messages, store
from callboard.planning.briefings import Stage
from callboard.planning.models import Briefed, Briefing
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.models import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams import service
from callboard.teams import store as people
from callboard.teams.directory import Directory, Person, working_from
from callboard.teams.models import ChannelsSeen, PeopleLinked

HEAD_SHOWN = 16
GONE = Drop("the plan does not say so any more")


def _greeting(tx: Tx, delivery: Delivery) -> Message | Drop:
    on, team = briefings.stage(tx, delivery.plan_id), str(delivery.args["of"])
    return messages.greeting(briefings.team_view(on, team)) if team in on.directory.teams else GONE


def _waits(tx: Tx, delivery: Delivery) -> Message | Drop:
    on, team = briefings.stage(tx, delivery.plan_id), str(delivery.args["of"])
    if team not in on.directory.teams:
        return GONE
    view = briefings.team_view(on, team)
    return messages.waits(view) if view.waits_for else Drop("nothing holds them any more")


def _changed(tx: Tx, delivery: Delivery) -> Message | Drop:
    args = delivery.args
    team = service.directory(tx, delivery.plan_id).teams.get(str(args["of"]))
    return messages.changed(team, int(args["version"]), list(args["lines"])) if team else GONE


def _brief(tx: Tx, delivery: Delivery) -> Message | Drop:
    on = briefings.stage(tx, delivery.plan_id)
    person = on.directory.people.get(str(delivery.args["of"]))
    view = briefings.person_brief(on, person) if person else None
    return messages.brief(view) if view and view.lines else GONE


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
    name = b.bold(b.escape(service.directory(tx, delivery.plan_id).plan_name))
    if rows:
        lines = [f":no_bell: {name} needs me in more channels.", *messages.how_to_invite(rows)]
        return Message(b.clip("\n".join(lines), b.TEXT))
    if delivery.posted_as:
        return Message(f":white_check_mark: {name}: I'm in every channel of the plan now.")
    return Drop("the bot is in every channel now")


def _trouble(_tx: Tx, delivery: Delivery) -> Message:
    args = delivery.args
    return messages.gave_up(str(args["work"]), int(args["row"]), str(args["error"]))


def _head(tx: Tx, delivery: Delivery) -> Message:
    directory = service.directory(tx, delivery.plan_id)
    seq, mark = delivery.args["seq"], delivery.args["hash"][:HEAD_SHOWN]
    return Message(
        f":lock: The timeline of {directory.plan_name} is sealed up to entry {seq} (`{mark}`). To check that nothing "
        f"before it was changed: `callboard audit verify --plan {directory.plan_key} --head {seq}:{mark}`"
    )


GREETING = Notice(
    kind="teams.greeting", told="a team, once, when nothing holds it", render=_greeting, priority=Priority.DIGEST
)
WAITS = Notice(kind="teams.waits", told="a team that is on hold, once", render=_waits, priority=Priority.DIGEST)
CHANGED = Notice(
    kind="teams.changed", told="a team, when the plan says something else of it", render=_changed,
    priority=Priority.DIGEST,
)  # fmt: skip
BRIEF = Notice(
    kind="teams.brief", told="a person with duties of their own, in their working hours", render=_brief,
    priority=Priority.DIGEST, folds=True,
)  # fmt: skip
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
HEAD = Notice(
    kind="teams.head", told="coordination, once for each published head of the timeline", render=_head,
    priority=Priority.DIGEST,
)  # fmt: skip
NOTICES = (GREETING, WAITS, CHANGED, BRIEF, LIFTED, TEST, GOT, INVITATION, TROUBLE, HEAD)


def tell_freed(tx: Tx, event: HoldLifted) -> None:
    """A team that waited begins; while a plan is applied, only at the end of that."""
    if event.kind == Briefed.TEAM and event.free and not event.by_plan:
        tell_parts(tx, event)


def tell_parts(tx: Tx, event: PlanApplied | PlanEdited | PlanAdopted | PeopleLinked | HoldLifted) -> None:
    """Greet each team once when nothing holds it, later say what changed for it; nothing for a plan that is over."""
    plan_id, plan = event.plan_id, plans.plan(tx, event.plan_id)
    if not plan.workspace or not plan.version or tx.now > plan.to_at:
        return
    on = briefings.stage(tx, plan_id)
    told = store.briefings(tx, plan_id)
    held = {hold.target for hold in holds.standing(tx, plan_id)}
    posts = [_to_team(on, team, told.get((Briefed.TEAM, team)), held=team in held) for team in on.directory.teams]
    posts += [_to_person(on, each, told.get((Briefed.PERSON, each.key))) for each in on.directory.people.values()]
    outbox.enqueue(tx, posts)
    tx.session.flush()


def _to_team(on: Stage, team: str, told: Briefing | None, *, held: bool) -> Post | None:
    directory, plan, args = on.directory, _about(on.plan_id), {"of": team}
    address = directory.home_channel(team)
    if not address:
        return None
    if told is None and held:
        return WAITS.post(directory, address, plan, f"waits:{on.plan_id}:{team}", args=args)
    says = briefings.duties(on, team)
    if told is None:
        _remember(on, Briefing(plan_id=on.plan_id, kind=Briefed.TEAM, key=team), says)
        return GREETING.post(directory, address, plan, f"greeting:{on.plan_id}:{team}", args=args)
    if told.said == says:
        return None
    lines = briefings.difference(told.said, says)
    _remember(on, told, says)
    facts = {"lines": lines, "version": plans.plan(on.tx, on.plan_id).version}
    key = f"changed:{on.plan_id}:{team}:{told.turns}"
    return CHANGED.post(directory, address, plan, key, args=args | facts) if lines else None


def _to_person(on: Stage, person: Person, told: Briefing | None) -> Post | None:
    """Only in Slack, and within their working hours: a greeting is no page."""
    says = {"brief": list(briefings.person_brief(on, person).lines)}
    if not says["brief"] or not person.slack_id or person.vacant or (told and told.said == says):
        return None
    row = told or Briefing(plan_id=on.plan_id, kind=Briefed.PERSON, key=person.key)
    _remember(on, row, says)
    return BRIEF.post(
        on.directory, person.slack_id, _about(on.plan_id), f"brief:{on.plan_id}:{person.key}:{row.turns}",
        args={"of": person.key}, not_before=working_from(on.directory, person, on.tx.now),
    )  # fmt: skip


def _remember(on: Stage, row: Briefing, says: messages.Duties) -> None:
    row.said, row.turns = says, row.turns + 1
    on.tx.session.add(row)


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
    args = {"work": trouble.work, "row": trouble.row_id, "error": trouble.error}
    for coordinator in directory.coordinators:
        reach = directory.reach(coordinator)
        if reach and directory.workspace:
            key = f"trouble:{trouble.work}:{trouble.row_id}:{reach.medium}:{reach.address}"
            post = TROUBLE.post(directory, reach, _about(plan_id), key, args=args, recipient=coordinator.key)
            outbox.enqueue(tx, [post])


def tell_head(tx: Tx, head: HeadDue) -> None:
    """Post it in the coordination channel, once for each state of the timeline."""
    if head.plan_id:
        directory = service.directory(tx, head.plan_id)
        key, args = f"head:{head.plan_id}:{head.seq}", {"seq": head.seq, "hash": head.hash}
        outbox.enqueue(tx, [HEAD.post(directory, directory.home_channel(), _about(head.plan_id), key, args=args)])


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
