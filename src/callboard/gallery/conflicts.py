"""Conflicts in pictures: found, answered, late, accepted, gone; the list, a dry run, and a mirror in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.branches.models import Branch, BranchesSeen, Meeting, Merge, MergeEnded, Mirror, Moved, Pull
from callboard.branches.notices import TROUBLE
from callboard.conflicts import messages, models, resolution, service, slack, store
from callboard.conflicts.models import Answer, Conflict
from callboard.conflicts.notices import CARD, LATE, MERGED, PAGE, QUIET, STATUS
from callboard.escalation import service as escalation
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Modal
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.service import Concern

ONE = "@@ -10,4 +10,4 @@ def sign_in(user):\n     token = read(user)\n-    return token\n+    return renewed(token)"
OTHER = "@@ -10,4 +10,4 @@ def sign_in(user):\n     token = read(user)\n-    return token\n+    return token or None"


def screens(stage: Stage) -> Iterator[Screen]:
    """What the plan's channel, the leads and the coordinator see."""
    tx, directory = stage.tx, teams.directory(stage.tx, stage.plan_id)
    pair = [team for team in directory.teams.values() if team.leads][:2]
    one, other = (_branch(stage, team.key, team.leads[0], name) for team, name in zip(pair, "ab", strict=True))
    asker = Asker(directory, directory.people[pair[0].leads[0]])
    meeting = Meeting(one.name, other.name, ["src/auth.py"], ["src/auth.py"], [("src/auth.py", ONE, OTHER)])
    merged = Meeting(one.name, "main", ["src/auth.py", "src/menu.py"], ["src/auth.py"], meeting.hunks)
    _scan(stage, one, other, meeting)
    found = store.standing(tx, stage.plan_id)[-1]
    yield stage.sent(CARD.kind, "Two branches collide", found.subject)
    digest = escalation.digest(tx, directory, "default")
    escalation.start(tx, stage.plan_id, found.subject, digest, Concern(team=one.team))
    yield stage.sent(PAGE.kind, "Somebody is paged", found.subject, args={"reason": f"lead of {pair[0].name}"})
    service.answer(tx, asker, found.number, Answer.REBASE)
    yield stage.sent(CARD.kind, "Somebody rebases", found.subject)
    yield stage.answered("conflict.decide", "What is decided", Modal(messages.form(found)))
    resolution.decide(tx, asker, found.number, "The first branch rebases; the second waits until noon.")
    yield stage.sent(CARD.kind, "A lead has decided", found.subject)
    tx.now += timedelta(minutes=16)
    yield stage.sent(LATE.kind, "It was not resolved in time", found.subject, args={"what": "resolved"})
    service.judge(tx, asker, found.number, useful=True)
    yield from _typed(stage, asker, found)
    pull = Pull(
        plan_id=stage.plan_id, repository="harbor", forge="github", project="example/harbor", number=12, head=one.head,
        branch=one.name, author="be-one",
    )  # fmt: skip
    tx.session.add(pull)
    tx.flush()
    yield stage.sent(STATUS.kind, "On a pull request", pull.subject, address=f"example/harbor@{one.head}")
    service.accept(tx, asker, found.number, "the other branch is thrown away tomorrow")
    yield stage.sent(CARD.kind, "It is fine as it is", found.subject)
    _scan(stage, one, other)
    yield stage.sent(CARD.kind, "It is gone", found.subject, posted_as="1.0")
    simple = Meeting(one.name, other.name, ["src/menu.py"])
    _scan(stage, one, other, simple)
    merging = store.standing(tx, stage.plan_id)[-1]
    yield stage.sent(CARD.kind, "Both touch a file, and git merges it", merging.subject)
    yield from _merged(stage, asker, merging)
    other.name, other.protected = "main", True
    _scan(stage, one, other, merged)
    yield stage.sent(CARD.kind, "The main branch is hit", store.standing(tx, stage.plan_id)[-1].subject)
    third = _branch(stage, pair[1].key, pair[1].leads[0], "c")
    _scan(stage, one, other)
    _scan(stage, one, third, merged, Meeting(third.name, "main", ["src/menu.py"], ["src/menu.py"]), other)
    yield stage.sent(CARD.kind, "One push hits several branches", store.standing(tx, stage.plan_id)[-1].subject)
    yield _quiet(stage)


def _merged(stage: Stage, asker: Asker, found: Conflict) -> Iterator[Screen]:
    """A lead lets git merge it: what to type where the plan lets nobody push; it could not, and it could."""
    yield stage.typed(slack.command, asker.person.slack_id, f"merge {found.number}", "What to type to merge it")
    for trouble in ("a rule of the server forbids it", ""):
        models.answer(found, Answer.MERGE, asker.person.key, stage.tx.now)
        merge = Merge(
            plan_id=stage.plan_id, mirror_id=1, about=found.number, one=found.one, other=found.other, one_head="a" * 40,
            other_head="b" * 40, by=asker.person.key, asked_at=stage.tx.now, trouble=trouble, commit="c" * 40,
        )  # fmt: skip
        stage.tx.session.add(merge)
        stage.tx.flush()
        resolution.on_merge_ended(stage.tx, MergeEnded(merge))
        title = "Git could not merge it" if trouble else "Git has merged it"
        yield stage.told(MERGED.kind, title)
        yield stage.sent(CARD.kind, f"{title}: its card", found.subject)


def _quiet(stage: Stage) -> Screen:
    about = store.standing(stage.tx, stage.plan_id)[-1].subject
    args = {"repository": "harbor", "count": [["simple", 3], ["critical", 20]]}
    return stage.sent(QUIET.kind, "What was there before anybody pushed", about, args=args)


def mirrors(stage: Stage) -> Iterator[Screen]:
    """A mirror cannot be fetched, and can again."""
    mirror = Mirror(
        plan_id=stage.plan_id, repository="harbor", clone="", next_at=stage.tx.now, fetched_at=stage.tx.now,
        trouble="fatal: could not read Username for 'harbor': terminal prompts disabled",
    )  # fmt: skip
    stage.tx.session.add(mirror)
    stage.tx.flush()
    yield stage.sent(TROUBLE.kind, "A repository cannot be fetched", mirror.subject)
    mirror.trouble = ""
    yield stage.sent(TROUBLE.kind, "It can again", mirror.subject, posted_as="1.0")


def _typed(stage: Stage, asker: Asker, found: Conflict) -> Iterator[Screen]:
    me = asker.person.slack_id
    yield stage.typed(slack.command, me, "conflicts", "Which branches collide")
    task = tasks.tasks(stage.tx, found.plan_id)[0]
    task.files = ["src/**"]
    stage.tx.session.add(task)
    yield stage.typed(slack.command, me, f"plan {task.key}", "A dry run before work")


def _scan(stage: Stage, *found: Branch | Meeting) -> None:
    """These branches were pushed, and meet."""
    branches = {branch.name: branch for branch in found if isinstance(branch, Branch)}
    meetings, pushed = [each for each in found if isinstance(each, Meeting)], stage.tx.now - timedelta(seconds=8)
    moved = [Moved(branch, pushed) for branch in branches.values()]
    seen = BranchesSeen(stage.plan_id, "harbor", branches, meetings, moved, pushed)
    service.on_branches_seen(stage.tx, seen)
    stage.tx.flush()


def _branch(stage: Stage, team: str, person: str, name: str) -> Branch:
    branch = Branch(
        plan_id=stage.plan_id, mirror_id=1, repository="harbor", name=f"{team}/{name}", head=name * 40, base="0" * 40,
        team=team, person=person, author="", files=1, touched=[["src/auth.py", "changed", None]],
    )  # fmt: skip
    stage.tx.session.add(branch)
    return branch
