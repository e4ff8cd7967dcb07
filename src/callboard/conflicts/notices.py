"""Who is told what about a conflict: a card in channels, the people whom the plan names, the status of a request."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from callboard.blocks import markup as m
from callboard.branches import merges
from callboard.branches import service as branches
from callboard.branches.models import MOST_PATHS, PULL, Branch, BranchesSeen, Merge, Pull
from callboard.conflicts import messages, plan, store
from callboard.conflicts.messages import View
from callboard.conflicts.models import GOING, KIND, WAVE, Conflict, Degree, State, Verb, emergency_key
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.deliveries import Medium
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.core.registry import Key
from callboard.core.words import counted, few
from callboard.escalation import service as escalation
from callboard.escalation.messages import duties, nudged, still_silent, why_paged
from callboard.escalation.models import UNTAKEN, Why
from callboard.escalation.pages import ways
from callboard.escalation.service import StepsDue
from callboard.locks import pushes
from callboard.locks.pushes import Push, Touched
from callboard.teams import service as teams
from callboard.teams.service import Concern, Recipient

AT_ONCE = ("leads", "coordinator")
GONE = Drop("the conflict is gone")
FILES, OTHERS = 20, 2
WORSE = ("success", "pending", "error", "failure")
BECAME: Key[Callable[[Tx, int, str], Mapping[str, bool] | None]] = Key(
    "whom the emergency tells that a conflict has become, and who was told already; None while it is none",
    lambda *_: None,
)
FORGES: Key[frozenset[str]] = Key("the forges of which there is a token", frozenset())


class Status(NamedTuple):
    """The status of a request: its state as GitHub calls it, and one line."""

    state: str
    text: str


ROWS = rows(Conflict)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    escalation.read_ahead(tx, KIND, numbers)
    store.parts.of(tx, numbers)


def _ahead_of_merges(tx: Tx, numbers: Collection[int]) -> None:
    _ahead(tx, numbers)
    branches.merges_of.of(tx, numbers)


def view(tx: Tx, conflict: Conflict) -> View:
    ladder = escalation.ladder(tx, conflict.subject)
    return View(
        conflict=conflict, directory=teams.directory(tx, conflict.plan_id), now=tx.now,
        clocks=plan.clocks(tx, conflict.plan_id), resolve=plan.part(tx, conflict).resolve,
        parts=store.parts(tx, conflict.number) if conflict.kind == WAVE else (),
        rollback=plan.part(tx, conflict).rollback if conflict.state in GOING else "",
        ladder=ladder if ladder and ladder.state == "climbing" and conflict.state in GOING else None,
    )  # fmt: skip


def concern(conflict: Conflict) -> Concern:
    team = conflict.teams[0] if conflict.teams else None
    return Concern(team=team, teams=tuple(conflict.teams[1:]), assignees=tuple(conflict.people))


def cards(tx: Tx, conflict: Conflict) -> None:
    """Show a simple one to its people, any other in the plan's channel, one that hits main in that of its emergency.

    Whoever is paged about it, by itself or by its emergency, reads that.
    """
    directory, degree = teams.directory(tx, conflict.plan_id), Degree(conflict.degree)
    wanted = plan.part(tx, conflict).tell or plan.USUAL[degree].tell
    emergency = plan.emergency_of(tx, conflict) if degree == Degree.CRITICAL else None
    told = teams.who(directory, wanted, concern(conflict), tx.now)
    homes = [] if degree == Degree.SIMPLE else [directory.home_channel()]
    homes += [directory.address(emergency.channel)] if emergency and emergency.channel else []
    told_of = told_by_emergency(tx, conflict) or {}
    paged = {*(responsible(tx, conflict) if degree == Degree.CRITICAL else ()), *filter(told_of.get, told_of)}
    homes += [*told.channels, *(to.person.slack_id for to in told.people if to.person.key not in paged)]
    notice, key = URGENT_CARD if degree == Degree.CRITICAL else CARD, f"{KIND}:{conflict.number}:card"
    outbox.enqueue(tx, [
        notice.post(directory, home, conflict.subject, f"{key}:{home}") for home in dict.fromkeys(homes)
    ])  # fmt: skip


def page(tx: Tx, conflict: Conflict, before: Collection[str], why: str = "opened") -> None:
    """Page whom one that hits main concerns, except those who know it from `before`."""
    wanted = responsible(tx, conflict) if conflict.degree == Degree.CRITICAL else {}
    directory = teams.directory(tx, conflict.plan_id)
    outbox.enqueue(tx, [
        PAGE.post(
            directory, way, conflict.subject,
            f"{KIND}:{conflict.number}:page:{conflict.changes}:{key}{ending}", recipient=key,
            args={"why": why, "reason": to.why, "to": key},
        ) for key, to in wanted.items() if key not in before
        for way, ending in ways(tx, directory, to.person, conflict.subject)
    ])  # fmt: skip


def tell_late(tx: Tx, conflict: Conflict, what: str) -> None:
    directory, key = teams.directory(tx, conflict.plan_id), f"{KIND}:{conflict.number}:late:{what}"
    outbox.enqueue(tx, [
        LATE.post(directory, to.person.slack_id, conflict.subject, f"{key}:{person}", args={"what": what})
        for person, to in responsible(tx, conflict).items()
    ])  # fmt: skip


def tell_quiet(tx: Tx, seen: BranchesSeen, quiet: Sequence[Conflict]) -> None:
    directory, count = teams.directory(tx, seen.plan_id), Counter(conflict.degree for conflict in quiet)
    args = {"repository": seen.repository, "count": [[degree, count[degree]] for degree in Degree if count[degree]]}
    key = f"{KIND}:{quiet[0].number}:quiet"
    outbox.enqueue(tx, [QUIET.post(directory, directory.home_channel(), quiet[0].subject, key, args=args)])


def ask_leads(tx: Tx, conflict: Conflict) -> None:
    """Show the card to the leads of both teams: one of them has to say that git may merge it."""
    directory, key = teams.directory(tx, conflict.plan_id), f"{KIND}:{conflict.number}:card"
    leads = teams.who(directory, ("leads",), concern(conflict), tx.now)
    outbox.enqueue(tx, [
        CARD.post(directory, home, conflict.subject, f"{key}:{home}")
        for home in (to.person.slack_id for to in leads.people) if home
    ])  # fmt: skip


def tell_decided(tx: Tx, conflict: Conflict, by: str) -> None:
    """Tell the people of its branches and the leads what was decided."""
    directory = teams.directory(tx, conflict.plan_id)
    told = teams.who(directory, ("assignees", "leads"), concern(conflict), tx.now)
    key = f"{KIND}:{conflict.number}:decided:{conflict.changes}"
    outbox.enqueue(tx, [
        DECIDED.post(directory, to.person.slack_id, conflict.subject, f"{key}:{to.person.key}")
        for to in told.people if to.person.key != by
    ])  # fmt: skip


def tell_merged(tx: Tx, conflict: Conflict, merge: Merge) -> None:
    """Tell the leads of both teams, the people of both branches and whoever asked how the merge went."""
    directory = teams.directory(tx, conflict.plan_id)
    told = teams.who(directory, ("assignees", "leads", merge.by), concern(conflict), tx.now)
    key = f"{KIND}:{conflict.number}:merge:{merge.id}"
    outbox.enqueue(tx, [
        MERGED.post(directory, to.person.slack_id, conflict.subject, f"{key}:{to.person.key}", args={"merge": merge.id})
        for to in told.people
    ])  # fmt: skip


def changed(tx: Tx, conflict: Conflict, verb: Verb, actor: str, *, said: str | None = None, **more: Any) -> None:
    """Note what happened, and let its cards show it."""
    tx.session.add(conflict)
    tx.session.flush()
    facts: dict[str, Any] = {
        "change": conflict.changes, "degree": conflict.degree, "repository": conflict.repository,
        "one": conflict.one, "other": conflict.other, "files": conflict.files[:FILES], "kind": conflict.kind,
        "wave": conflict.wave, "quiet": conflict.quiet,
        "standing": {"state": str(conflict.state), "kind": conflict.kind, "teams": list(conflict.teams)}, **more,
    }  # fmt: skip
    timeline.record(tx, conflict.plan_id, conflict.subject, verb, actor=actor, said=said, **facts)
    outbox.touch(tx, KIND, [conflict.number], superseded=conflict.state in (State.OVER, State.ACCEPTED))


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb moved: the cards show it."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])


def set_status(tx: Tx, pull: Pull) -> None:
    """Set the status of a request, and of what a queue makes of it, where it differs from the last one."""
    told = [(head, _of_commit(tx, pull, head)) for head in pull.heads]
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    if pull.forge not in tx.of(FORGES) or digest == pull.said:
        return
    pull.said = digest
    tx.session.add(pull)
    directory, key = teams.directory(tx, pull.plan_id), f"{PULL}:{pull.id}:{digest}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [
        STATUS.post(directory, Reach(Medium(pull.forge), f"{pull.project}@{head}"), pull.subject, f"{key}:{head}")
        for head in pull.heads
    ])  # fmt: skip


def set_statuses(tx: Tx, plan_id: int, repository: str) -> None:
    """Set the status of each open request of a repository anew."""
    for pull in branches.open_pulls(tx, plan_id, repository):
        set_status(tx, pull)


def _of_commit(tx: Tx, pull: Pull, commit: str) -> Status:
    """The status of a commit; for one that a queue makes of several requests, the worst of theirs."""
    if commit != pull.queued:
        return status(tx, pull)
    batch = [each for each in branches.open_pulls(tx, pull.plan_id, pull.repository) if each.queued == commit]
    return max((status(tx, each) for each in batch), key=lambda each: WORSE.index(each.state))


def status(tx: Tx, pull: Pull) -> Status:
    """Whether freezes, locks and zones allow a request, and with whom it collides."""
    why = pushes.frozen(tx, pull.plan_id, pull.repository, branches.target(tx, pull), (pull.author,))
    return Status("failure", why) if why else _of_files(tx, pull)


def _of_files(tx: Tx, pull: Pull) -> Status:
    if pull.fork:
        return Status("error", "Not checked: the branch is in another repository. Run `callboard guard` in CI.")
    head = pull.repository, pull.branch, pull.head
    live = branches.live(tx, pull.plan_id)
    branch = next((each for each in live if (each.repository, each.name, each.head) == head), None)
    if branch is None and (not pull.head or branches.ignores(tx, pull.plan_id, pull.repository, pull.branch)):
        return Status("success", "Not checked: the plan ignores this branch.")
    if branch is None:
        return Status("pending", "Callboard is looking at these commits.")
    if branch.files > MOST_PATHS:
        return Status("error", f"Not checked: {branch.files:,} files are too many. Run `callboard guard` in CI.")
    touched = [Touched(path, "changed", sections) for path, sections in branches.touched(branch)]
    push = Push(pull.repository, pull.branch, (pull.author, branch.author), touched)
    found, collides = pushes.judge(tx, pull.plan_id, push), _conflicts(tx, branch)
    if found.refused:
        first, others = found.refused[0], len(found.refused) - 1
        why = f"locked (lock {first.lock})" if first.lock else "in another team's zone"
        return Status("failure", f"{first.path} is {why}{f' and {others} more' if others else ''}.{collides}")
    locks, patterns = counted(found.locks, "lock"), counted(found.zones, "zone pattern")
    return Status("success", f"Checked {counted(len(touched), 'file')} against {locks} and {patterns}.{collides}")


def _conflicts(tx: Tx, branch: Branch) -> str:
    others = [
        conflict.other if conflict.one == branch.name else conflict.one
        for conflict in store.standing(tx, branch.plan_id, branch.repository)
        if conflict.state in GOING and conflict.degree != Degree.SIMPLE and conflict.other
        and branch.name in (conflict.one, conflict.other)
    ]  # fmt: skip
    return f" Collides with {few(others, OTHERS)}." if others else ""


def told_by_emergency(tx: Tx, conflict: Conflict) -> Mapping[str, bool] | None:
    """Whom its emergency tells, and whether it has told them already; None while it is none."""
    becomes = plan.part(tx, conflict).emergency
    return tx.of(BECAME)(tx, conflict.plan_id, emergency_key(conflict.number)) if becomes else None


def responsible(tx: Tx, conflict: Conflict) -> dict[str, Recipient]:
    told = teams.who(teams.directory(tx, conflict.plan_id), AT_ONCE, concern(conflict), tx.now)
    return {to.person.key: to for to in told.people}


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What is gone before anybody was told is not told."""
    conflict = tx.get(Conflict, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state == State.OVER):
        return GONE
    return messages.card(view(tx, conflict))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    conflict = tx.get(Conflict, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and not _is_wanted(conflict, delivery)):
        return Drop("somebody sees to it") if conflict else GONE
    shown = view(tx, conflict)
    if delivery.args.get("why") == Why.NUDGE:
        silent = still_silent(escalation.ladder(tx, conflict.subject), delivery.args)
        return messages.card(shown, nudged(shown.directory, delivery.args) if silent else "")
    if delivery.superseded and conflict.state in GOING:
        return Message(f"{messages.head(shown)}\nThere is a newer message about it further down.")
    duty = duties(shown.directory, delivery.args)
    why = f"You are paged as {why_paged(shown.directory, delivery.args, duty)}." if duty else ""
    return messages.card(shown, why if conflict.state in GOING else "")


def _is_wanted(conflict: Conflict, delivery: Delivery) -> bool:
    """Once it is answered, only what somebody asked for, or what runs late, is still paged."""
    answered = delivery.args.get("why") in UNTAKEN
    return conflict.state == State.OPEN or (conflict.state == State.ANSWERED and not answered)


def _late(tx: Tx, delivery: Delivery) -> Message | Drop:
    conflict = tx.get(Conflict, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state not in GOING):
        return GONE
    late = f":alarm_clock: *It was not {delivery.args['what']} in time.*"
    return messages.card(view(tx, conflict), late if conflict.state in GOING else "")


def _decided(tx: Tx, delivery: Delivery) -> Message | Drop:
    conflict = tx.get(Conflict, delivery.subject_id)
    return (
        messages.decided(view(tx, conflict)) if conflict and conflict.decision else Drop("nothing is decided any more")
    )


def _merged(tx: Tx, delivery: Delivery) -> Message | Drop:
    conflict, every = tx.get(Conflict, delivery.subject_id), branches.merges_of(tx, delivery.subject_id)
    merge = next((each for each in every if each.id == delivery.args["merge"]), None)
    if conflict is None or merge is None:
        return GONE
    return messages.merged(view(tx, conflict), merge, f"```{m.escape(merges.by_hand(merge))}```")


def _status(tx: Tx, delivery: Delivery) -> Message | Drop:
    pull = tx.get(Pull, delivery.subject_id, fresh=True)
    commit = delivery.address.rpartition("@")[2]
    if pull is None or not pull.open or commit not in pull.heads:
        return Drop("the request has other commits now, or is closed")
    now = _of_commit(tx, pull, commit)
    return Message(text=" ".join(now.text.split()), title=now.state)


CARD = Notice(
    kind=f"{KIND}.card", render=_card, priority=Priority.ANSWER, editable=True, ahead=_ahead,
    told="the plan's channel and whom the plan names for its degree, once, edited until it is gone",
)  # fmt: skip
URGENT_CARD = replace(CARD, priority=Priority.PAGE, told=f"{CARD.told}, when main is hit")
PAGE = Notice(
    kind=f"{KIND}.page", render=_page, priority=Priority.PAGE, editable=True, ahead=_ahead,
    told="whoever a step of its policy names; when main is hit, the leads and the coordinator at once",
)  # fmt: skip
LATE = Notice(
    kind=f"{KIND}.late", render=_late, priority=Priority.ANSWER, editable=True, folds=True, ahead=_ahead,
    told="the leads and the coordinator, when a clock runs out and nobody is left to page",
)  # fmt: skip
QUIET = Notice(
    kind=f"{KIND}.quiet", told="the plan's channel, once, about conflicts that were there before anybody pushed",
    render=lambda _, delivery: messages.quiet(delivery.args["repository"], delivery.args["count"]),
)  # fmt: skip
STATUS = Notice(
    kind=f"{PULL}.status", render=_status, told="GitHub or GitLab, when the status of an open request changes"
)
DECIDED = Notice(
    kind=f"{KIND}.decided", render=_decided, priority=Priority.ANSWER, ahead=_ahead,
    told="the people of its branches and the leads of their teams, when somebody decides what becomes of it",
)  # fmt: skip
MERGED = Notice(
    kind=f"{KIND}.merged", render=_merged, priority=Priority.ANSWER, ahead=_ahead_of_merges,
    told="the people of its branches, the leads and whoever asked, when git has merged a simple one or could not",
)  # fmt: skip
NOTICES = (CARD, PAGE, LATE, QUIET, DECIDED, MERGED, STATUS)
