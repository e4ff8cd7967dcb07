"""What people read of the plan, their team and themselves, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import resources

from callboard.core import outbox
from callboard.core.outbox import Delivery, Post
from callboard.core.rows import fresh
from callboard.core.timeline import Subject
from callboard.gallery.stage import Screen, Stage
from callboard.planning import briefings, notices, slack
from callboard.planning.messages import greetings
from callboard.planning.notices import parts
from callboard.planning.notices.moves import MOVED
from callboard.planning.slack import apply, changes
from callboard.plans import service as plans
from callboard.slack.answers import Say
from callboard.slack.requests import File, Request
from callboard.teams import hindrances, links, service
from callboard.teams.notices import ABSENCE, AWAY, LEAVERS, LOST, PARKED, REMADE, UNREACHED

WRITTEN = "deployment.yml"


def screens(stage: Stage) -> Iterator[Screen]:
    """`/plan` and what it leads to; then what arrives by itself."""
    directory = service.directory(stage.tx, stage.plan_id)
    coordinator = directory.coordinators[0]
    request = Request(workspace=stage.workspace, user=coordinator.slack_id)
    about = Subject("plan", stage.plan_id)
    yield stage.answered("/plan", "What runs, and what is wrong", slack.show(stage.tx, request, {}))
    yield stage.answered(
        "/plan show", "What the plan says of a team", slack.show_item(stage.tx, request, {"what": "omega"})
    )
    yield stage.answered("/plan versions", "What changed, and by whom", slack.versions(stage.tx, request, {"page": 1}))
    yield stage.answered("/plan shift", "What a shift would move", changes.ask_shift(stage.tx, request, {"days": "1d"}))
    yield _what_is_tried_again(stage)
    yield stage.answered("/plan apply", "Hand in a plan file", apply.ask(stage.tx, request, {}))
    yield _what_it_would_change(stage, request)
    _refused(stage, "#team-omega", "C0RELEASE")
    key = coordinator.key
    _went_by_mail(stage, key, "away:1", "away:2")
    for kind, title, args in (
        (notices.TEST.kind, "A test page, asked for by oneself", {"by": key, "key": "test"}),
        (notices.GOT.kind, "It has arrived", {"person": key}),
        (
            notices.SHIFTED.kind,
            "All that is to come was moved",
            {"by": key, "moved": 90, "days": "1d", "reason": "Gate 1 was missed"},
        ),
        (UNREACHED.kind, "Somebody could not be paged", {"person": key, "medium": "slack", "error": "no answer"}),
        (PARKED.kind, "A channel cannot be reached", {"address": "#team-omega", "error": "not_in_channel"}),
        (PARKED.kind, "A card could not be updated", {"address": "C0RELEASE", "error": "is_archived", "edit": True}),
        (LOST.kind, "Somebody is in Slack again", {"person": key}),
        (LEAVERS.kind, "Several people left Slack", {"people": [key]}),
        (
            AWAY.kind,
            "Slack is back: how pages went meanwhile",
            {"pages": ["away:1", "away:2"], "since": (stage.tx.now - timedelta(minutes=10)).isoformat()},
        ),
        (REMADE.kind, "A channel was made anew", {"name": "team-omega", "channel": "C0OMEGA"}),
        (parts.GREETING.kind, "A team begins", {"of": "omega"}),
        (
            parts.TOGETHER.kind,
            "Teams that share a channel",
            {
                "teams": [
                    {"kind": parts.GREETING.kind, "of": "omega"},
                    {"kind": parts.CHANGED.kind, "of": "sigma", "lines": ["*What you do*", "• S-1 is due later"]},
                ]
            },
        ),
        (
            parts.CHANGED.kind,
            "Something is different for a team",
            {"of": "omega", "version": 2, "lines": ["O-1 is due later"]},
        ),
        (
            notices.EDITED.kind,
            "Somebody changed what concerns one",
            {"by": key, "changes": ["task O-1: due 2026-03-25 12:00 -> 2026-03-25 16:00"], "reason": "QA is late"},
        ),
        (
            notices.RIGHTS.kind,
            "Somebody may do more than before",
            {"by": key, "changes": ["person pa: roles nothing -> coordinator"], "reason": "I am away next week"},
        ),
        (ABSENCE.kind, "Somebody else said that one is away", {"by": key, "said": "away 2026-03-30"}),
        (
            notices.LIFTED.kind,
            "A hold was overruled",
            {"by": ["omega"], "target": "sigma", "actor": key, "reason": "ready"},
        ),
        (notices.TROUBLE.kind, "Something was given up", {"work": "climbs", "row": 7, "error": "no such policy"}),
        (notices.HEADS.kind, "The thread of seals", {}),
        (notices.HEAD.kind, "The sealed timeline", {"seq": 120, "hash": "5f2b0c9d1e7a4f3388aa"}),
        (notices.INVITATION.kind, "The bot is in every channel now", {}),
    ):
        yield stage.sent(kind, title, about, args=args, recipient=key, posted_as="1.0" if not args else None)
    yield _moved(stage, about)
    on = briefings.stage(stage.tx, stage.plan_id)
    briefed = [person for person in directory.people.values() if briefings.person_brief(on, person).lines]
    yield from (
        stage.sent(parts.BRIEF.kind, "What one person is told", about, args={"of": person.key})
        for person in briefed[:1]
    )
    yield _waits(stage)


def _moved(stage: Stage, about: Subject) -> Screen:
    """What the former channel of a team reads."""
    name = links.home_of(plans.live(stage.tx, stage.plan_id).body)
    new, places = links.addresses_of(stage.tx, stage.plan_id, name)[0], [{"at": ["teams", "omega"], "what": "*Omega*"}]
    args = {"former": "C0FORMER", "new": new, "name": name, "places": places}
    return stage.sent(MOVED.kind, "A team has another channel", about, args=args, address="C0FORMER")


def _refused(stage: Stage, *addresses: str) -> None:
    """Let these addresses take no messages."""
    for address in addresses:
        refused = Post(
            key=f"refused:{address}", plan_id=stage.plan_id, workspace=stage.workspace, address=address,
            kind=notices.HEADS.kind, subject=Subject("plan", stage.plan_id),
        )  # fmt: skip
        outbox.enqueue(stage.tx, [refused])
        (row,) = outbox.keyed(stage.tx, [refused.key])
        row.parked_at = stage.tx.now


def _went_by_mail(stage: Stage, recipient: str, *keys: str) -> None:
    """Let these pages have gone by mail, and the first be answered."""
    for key in keys:
        page = Post(
            key=key, plan_id=stage.plan_id, workspace=stage.workspace, address="U0AWAY", kind=notices.HEADS.kind,
            subject=Subject("plan", stage.plan_id), recipient=recipient,
        )  # fmt: skip
        by_mail = replace(page, key=f"{key}{outbox.OTHERWISE}", medium=outbox.Medium.APPRISE)
        outbox.enqueue(stage.tx, [page, by_mail])
        first, second = outbox.keyed(stage.tx, [page.key, by_mail.key])
        first.state = second.state = "dropped"
        second.posted_in, second.posted_at = "mail", stage.tx.now
        second.answered_at = stage.tx.now if key == keys[0] else None


def _what_is_tried_again(stage: Stage) -> Screen:
    refused = [("#team-omega", "not_in_channel", 3), ("C0RELEASE", "is_archived", 1), ("U0SIGMA", "rare_error", 1)]
    parked = [
        fresh(Delivery, address=address, error=error, medium="slack", created_at=stage.tx.now, parked_at=stage.tx.now)
        for address, error, count in refused for _ in range(count)
    ]  # fmt: skip
    message = hindrances.retried(parked)
    return stage.answered("/plan retry", "What was refused, and is sent again", Say(message.text, message.blocks))


def _what_it_would_change(stage: Stage, request: Request) -> Screen:
    written = resources.files("callboard.examples").joinpath(WRITTEN).read_text("utf-8")
    changed = written.replace("Managing engineer, roles", "Managing engineer of all, roles", 1)
    file = File(WRITTEN, "", len(changed), changed.encode())
    answer = apply.handed_in(stage.tx, Request(workspace=request.workspace, user=request.user, files=(file,)))
    return stage.answered(apply.AGREE, "What a plan file would change", answer)


def _waits(stage: Stage) -> Screen:
    """A team on hold; the example plan has one only at times, so that its words are made here."""
    view = briefings.team_view(briefings.stage(stage.tx, stage.plan_id), "sigma")
    message = greetings.waits(replace(view, waits_for=("Omega's cluster (`O-1`)",)))
    return Screen(parts.WAITS.kind, "A team is on hold", message.text, tuple(message.blocks))
