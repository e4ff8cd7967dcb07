"""What teams and people are told of their part in a plan: a greeting once, later what changed for them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.timeline import Subject
from callboard.planfile.calendar import over_at
from callboard.planning import briefings, store
from callboard.planning.briefings import Stage
from callboard.planning.messages import greetings
from callboard.planning.models import Briefed, Briefing
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.live_plan import header_of
from callboard.plans.models import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams import service
from callboard.teams.directory import Person, working_from
from callboard.teams.models import PeopleLinked


class News(NamedTuple):
    """What a team is to be told: the kind of message, its key, its arguments."""

    notice: Notice
    key: str
    args: dict[str, Any]


GONE = Drop("the plan does not say so any more")


def _greeting(tx: Tx, delivery: Delivery) -> Message | Drop:
    on, team = briefings.stage(tx, delivery.plan_id), str(delivery.args["of"])
    return greetings.greeting(briefings.team_view(on, team)) if team in on.directory.teams else GONE


def _waits(tx: Tx, delivery: Delivery) -> Message | Drop:
    on, team = briefings.stage(tx, delivery.plan_id), str(delivery.args["of"])
    if team not in on.directory.teams:
        return GONE
    view = briefings.team_view(on, team)
    return greetings.waits(view) if view.waits_for else Drop("nothing holds them any more")


def _changed(tx: Tx, delivery: Delivery) -> Message | Drop:
    args = delivery.args
    team = service.directory(tx, delivery.plan_id).teams.get(str(args["of"]))
    return greetings.changed(team, int(args["version"]), list(args["lines"])) if team else GONE


def _together(tx: Tx, delivery: Delivery) -> Message | Drop:
    """As each of them stands now."""
    on, lines, pages = briefings.stage(tx, delivery.plan_id), [], False
    for each in delivery.args["teams"]:
        if each["of"] in on.directory.teams:
            view = briefings.team_view(on, each["of"])
            pages = pages or bool(view.duties["ladder"])
            changed = each["kind"] == CHANGED.kind
            lines.append(greetings.one_changed(view.team, each["lines"]) if changed else greetings.one_greeted(view))
    return greetings.together(on.directory.plan_name, lines, pages=pages) if lines else GONE


def _brief(tx: Tx, delivery: Delivery) -> Message | Drop:
    on = briefings.stage(tx, delivery.plan_id)
    person = on.directory.people.get(str(delivery.args["of"]))
    view = briefings.person_brief(on, person) if person else None
    is_new = view is not None and list(view.lines) != delivery.args.get("known")
    return greetings.brief(view) if view and view.lines and is_new else GONE


GREETING = Notice(
    kind="teams.greeting", told="a team, once, when nothing holds it", render=_greeting, priority=Priority.DIGEST
)
WAITS = Notice(kind="teams.waits", told="a team that is on hold, once", render=_waits, priority=Priority.DIGEST)
TOGETHER = Notice(
    kind="teams.together", told="teams that share a channel, in one message", render=_together, priority=Priority.DIGEST
)
CHANGED = Notice(
    kind="teams.changed", told="a team, when the plan says something else of it", render=_changed,
    priority=Priority.DIGEST,
)  # fmt: skip
BRIEF = Notice(
    kind="teams.brief", told="a person with duties of their own, in their working hours", render=_brief,
    priority=Priority.DIGEST, folds=True,
)  # fmt: skip


def tell_freed(tx: Tx, event: HoldLifted) -> None:
    """A team that waited begins; while a plan is applied, only at the end of that."""
    if event.kind == Briefed.TEAM and event.free and not event.by_plan:
        tell_parts(tx, event)


def tell_parts(tx: Tx, event: PlanApplied | PlanEdited | PlanAdopted | PeopleLinked | HoldLifted) -> None:
    """Greet each team once when nothing holds it, later say what changed for it; nothing for a plan that is over."""
    plan_id, plan = event.plan_id, plans.plan(tx, event.plan_id)
    if not plan.workspace or not plan.version or tx.now > over_at(header_of(plans.live(tx, plan_id))):
        return
    on = briefings.stage(tx, plan_id)
    told = store.briefings(tx, plan_id)
    held = {hold.target for hold in holds.standing(tx, plan_id)}
    version = plan.version if isinstance(event, PlanApplied) else 0
    posts = list(_to_teams(on, told, held, version))
    posts += [_to_person(on, each, told.get((Briefed.PERSON, each.key))) for each in on.directory.people.values()]
    outbox.enqueue(tx, posts)
    tx.session.flush()


def _to_teams(
    on: Stage, told: Mapping[tuple[Briefed, str], Briefing], held: set[str], version: int
) -> Iterator[Post | None]:
    """One message to each channel: teams that share one are told together; of a new `version`, where it is one."""
    homes: dict[str, list[News]] = defaultdict(list)
    for team in on.directory.teams:
        address = on.directory.home_channel(team)
        news = _news(on, team, told, version, held=team in held) if address else None
        if news:
            homes[address].append(news)
    for address, shared in homes.items():
        first, about = shared[0], _about(on.plan_id)
        if len(shared) == 1:
            yield first.notice.post(on.directory, address, about, first.key, args=first.args)
        else:
            teams = [{"kind": news.notice.kind, **news.args} for news in shared]
            mark = hashlib.sha256(",".join(news.key for news in shared).encode()).hexdigest()[:12]
            yield TOGETHER.post(on.directory, address, about, f"together:{on.plan_id}:{mark}", args={"teams": teams})


def _news(
    on: Stage, team: str, told: Mapping[tuple[Briefed, str], Briefing], version: int, *, held: bool
) -> News | None:
    known = told.get((Briefed.TEAM, team))
    if known is None and held:
        if (Briefed.ON_HOLD, team) in told:
            return None
        _remember(on, Briefing(plan_id=on.plan_id, kind=Briefed.ON_HOLD, key=team), {})
        return News(WAITS, f"waits:{on.plan_id}:{team}", {"of": team})
    says = briefings.duties(on, team)
    if known is None:
        _remember(on, Briefing(plan_id=on.plan_id, kind=Briefed.TEAM, key=team), says)
        return News(GREETING, f"greeting:{on.plan_id}:{team}", {"of": team})
    if known.said == says:
        return None
    lines = briefings.difference(known.said, says)
    _remember(on, known, says)
    facts = {"of": team, "lines": lines, "version": version}
    return News(CHANGED, f"changed:{on.plan_id}:{team}:{known.turns}", facts) if lines else None


def _to_person(on: Stage, person: Person, told: Briefing | None) -> Post | None:
    """Only in Slack, and within their working hours: a greeting is no page."""
    says = {"brief": list(briefings.person_brief(on, person).lines)}
    if not says["brief"] or not person.slack_id or person.vacant or (told and told.said == says):
        return None
    row, known = told or Briefing(plan_id=on.plan_id, kind=Briefed.PERSON, key=person.key), told and told.said["brief"]
    waits = outbox.untold(on.tx, on.plan_id, BRIEF.kind, person.slack_id)
    _remember(on, row, says)
    return None if waits else BRIEF.post(
        on.directory, person.slack_id, _about(on.plan_id), f"brief:{on.plan_id}:{person.key}:{row.turns}",
        args={"of": person.key, "known": known}, not_before=working_from(on.directory, person, on.tx.now),
    )  # fmt: skip


def _remember(on: Stage, row: Briefing, says: greetings.Duties) -> None:
    row.said, row.turns = says, row.turns + 1
    on.tx.session.add(row)


def _about(plan_id: int) -> Subject:
    return Subject("plan", plan_id)
