"""What waits for somebody in a plan, the most urgent first, with the buttons of its cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from callboard import blocks as b
from callboard.blockers import classes as blocker_classes
from callboard.blockers import messages as blocker_words
from callboard.blockers import store as blocker_rows
from callboard.blockers.messages import proposal
from callboard.blockers.models import KIND as BLOCKER
from callboard.blockers.models import Blocker, ClassState
from callboard.blockers.models import State as BlockerState
from callboard.blocks import markup as m
from callboard.board.home import store
from callboard.board.home.overview import Overview, Reader
from callboard.cadences import messages as cadence_words
from callboard.cadences import models as cadence_models
from callboard.cadences import store as cadences
from callboard.checkpoints import messages as checkpoint_words
from callboard.checkpoints import store as checkpoints
from callboard.checkpoints.messages import views as checkpoint_views
from callboard.conflicts import messages as conflict_words
from callboard.conflicts import notices as conflict_notices
from callboard.conflicts import store as conflicts
from callboard.conflicts.models import State as Conflicting
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.emergencies import store as emergencies
from callboard.escalation import store as climbs
from callboard.escalation.models import Climb
from callboard.escalation.pages import PAGES
from callboard.freezes import messages as freeze_words
from callboard.freezes import rights as freeze_rights
from callboard.freezes import store as freezes
from callboard.freezes.models import State as Asking
from callboard.gates.assessment import Look
from callboard.gates.messages import card as gate_words
from callboard.gates.messages import of_look
from callboard.locks import messages as lock_words
from callboard.locks import notices as lock_notices
from callboard.locks import store as locks
from callboard.locks.models import Lock
from callboard.locks.models import State as Locking
from callboard.runbooks import messages as run_words
from callboard.runbooks import rights as run_rights
from callboard.runbooks import store as runs
from callboard.runbooks.models import State as Running
from callboard.standups import messages as standup_words
from callboard.standups import store as standups
from callboard.tasks import messages as task_words
from callboard.tasks.messages import lists as task_lists
from callboard.teams.directory import Asker
from callboard.teams.rights import works_for

WHAT, LONG = 200, 600
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
TICK = "gate.tick"
CHECK_IN = "Check-in"


@dataclass(frozen=True)
class Duty:
    """One thing to do now: what it is, in Slack's markup, and the row of buttons of its card."""

    text: str
    buttons: Sequence[b.Block] = ()


@dataclass(frozen=True)
class Chapter:
    """The duties of one kind; `total` counts those that are not shown too, and `see` says where all of them are."""

    title: str
    see: str
    total: int = 0
    duties: Sequence[Duty] = ()

    @property
    def more(self) -> int:
        return self.total - len(self.duties)


def of(reader: Reader, *, far: bool = False) -> list[Chapter]:
    """All that waits for somebody, by kind; also gates that are still `far`."""
    every = (
        _chapter("Pages", "`/blocker mine`", list(_pages(reader)), 5),
        _chapter("Run-book", "`/run show`", list(_steps(reader)), 4),
        _signs(reader, 5, far=far),
        _chapter("Questions", "my messages to you", list(_questions(reader)), 5),
        _chapter(CHECK_IN, "`/standup`", list(_check_ins(reader)), 2),
        _chapter("Locks", "`/lock list`", list(_locks(reader)), 4),
        _tasks(reader, 6),
    )
    return [chapter for chapter in every if chapter.total]


def left(tx: Tx, who: Asker) -> list[str]:
    """A line for each thing that somebody has who does not come back, the most urgent first."""
    reader = Reader(tx, who, Overview(tx, who.directory.plan_id))
    chapters = [chapter for chapter in of(reader, far=True) if chapter.title != CHECK_IN]
    held = locks.live(tx, who.directory.plan_id, (Locking.HELD,), reader.me)
    has = [duty for chapter in chapters for duty in chapter.duties]
    has += _roles(reader)
    has += [_brief(lock_words.card(lock_notices.view(tx, lock))) for lock in held]
    more = [f"{chapter.title}: {chapter.more} more" for chapter in chapters if chapter.more]
    return [*(m.clip(duty.text.splitlines()[0], WHAT) for duty in has), *more]


def _roles(reader: Reader) -> Iterator[Duty]:
    """What they are in emergencies."""
    for emergency in emergencies.open_in(reader.tx, reader.plan_id):
        for role in (role for role, key in emergency.roles.items() if key == reader.me):
            hand = m.code(f"/emergency hand {emergency.number} {role} @somebody")
            yield Duty(f":rotating_light: {role.capitalize()} of {m.escape(emergency.called)}: {hand}")


def _chapter(title: str, see: str, duties: Sequence[Duty], most: int) -> Chapter:
    return Chapter(title, see, len(duties), duties[:most])


def _brief(message: Message, sections: int = 1) -> Duty:
    """A card as a duty: its first paragraphs and its first row of buttons."""
    texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section" and "text" in block]
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return Duty(m.clip("\n".join(texts[:sections]) or message.text, LONG), rows[:1])


def _pages(reader: Reader) -> Iterator[Duty]:
    """What paged them and nobody has, and what they have themselves."""
    tx = reader.tx
    mine = [blocker for blocker in reader.opened if _concerns(reader, blocker)]
    reader.overview.read_climbs(mine)
    yield from map(_blocker, (blocker_words.view(tx, blocker) for blocker in mine))
    running = [climb for climb in reader.overview.once(climbs.running) if climb.subject_kind != BLOCKER]
    asking = {climb.subject: climb for climb in running if _waits_for(climb, reader.me)}
    for page in store.latest_pages(tx, reader.me, list(asking)):
        shown = tx.of(PAGES)[page.subject_kind].render(tx, page)
        if isinstance(shown, Message) and (duty := _brief(shown)).buttons:
            yield duty


def _concerns(reader: Reader, blocker: Blocker) -> bool:
    """Whether they have it or are named in it, or were ever paged for it while nobody has it."""
    named = reader.me in (blocker.owner, blocker.handed_to, blocker.waits_for)
    return named or (blocker.number, reader.me) in reader.overview.paged


def _waits_for(climb: Climb, me: str) -> bool:
    return me == climb.holder if climb.holder else any(me in entry["people"] for entry in climb.trail or ())


def _blocker(view: blocker_words.View) -> Duty:
    light = blocker_words.LIGHTS[BlockerState(view.blocker.state)]
    head = f"{light} {view.title}  {m.clip(view.blocker.what, WHAT)}"
    return Duty(f"{head}\n{blocker_words.state_now(view)}", [b.actions(*blocker_words.buttons(view))])


def _steps(reader: Reader) -> Iterator[Duty]:
    """Steps that they lead, or confirm by name, now; and runs that wait for them to be started or agreed to."""
    tx, directory, person = reader.tx, reader.who.directory, reader.who.person
    for run in reader.overview.once(runs.open_runs):
        if run.state not in (Running.RUNNING, Running.OFFERED, Running.CALLED):
            continue
        shown = run_words.view(tx, run)
        for step in shown.running:
            named = run_rights.confirms(tx, directory, step) if step.plan.get("confirm") else ()
            if person in (*run_rights.leads(tx, directory, step), *named):
                buttons = [] if step.reserve else [run_words.step_buttons(step)]
                yield Duty(f"{run_words.line(shown, step)}  ·  {shown.name}", buttons)
        agrees = run.state == Running.CALLED and person in run_rights.asked(tx, directory, run)
        if agrees or (run.state == Running.OFFERED and person in directory.coordinating(tx.now)):
            yield _brief(run_words.card(shown))


def _signs(reader: Reader, most: int, *, far: bool) -> Chapter:
    """Gates to sign or to tick, and polls."""
    every = reader.overview.gates.get(reader.me, ())
    mine = [look for look in every if far or _signs_now(reader, look) or _is_near(look)]
    duties = [_gate(reader, look) for look in mine[:most]]
    return Chapter("Gates to sign or tick", "`/gate mine`", len(mine), duties)


def _signs_now(reader: Reader, look: Look) -> bool:
    return reader.me in look.asked or (not look.lacking and reader.me in look.signers)


def _is_near(look: Look) -> bool:
    """Whether it is time to tick: within a week, and within a day where the gate itself waits for another."""
    due = look.gate.due_at
    return due is None or due <= look.tx.now + (A_DAY if look.facts.held_by else A_WEEK)


def _gate(reader: Reader, look: Look) -> Duty:
    """Whoever cannot sign it now sees only what they can do: tick."""
    view = of_look(look, line=True)
    rows = _brief(gate_words.card(view)).buttons
    if not _signs_now(reader, look):
        rows = [b.actions(*ticks) for row in rows if (ticks := [e for e in row["elements"] if e["action_id"] == TICK])]
    return Duty(gate_words.head(view), rows)


def _questions(reader: Reader) -> Iterator[Duty]:
    yield from _status(reader)
    yield from _inquiries(reader)
    yield from _votes(reader)
    yield from _exceptions(reader)
    yield from _conflicts(reader)


def _status(reader: Reader) -> Iterator[Duty]:
    """The newest status request that still waits: one thing as it was asked, several by their names."""
    waits = (cadence_models.State.WAITING, cadence_models.State.SILENT)
    row = reader.overview.once(cadences.newest).get(reader.me)
    if row and row.left and row.state in waits:
        view = cadence_words.view(reader.tx, row)
        asked, left = _brief(cadence_words.ask(view), 2), view.left
        text = asked.text if len(left) == 1 else f":wave: How is it going? {', '.join(item.name for item in left)}"
        yield Duty(m.clip(text, LONG), asked.buttons)


def _inquiries(reader: Reader) -> Iterator[Duty]:
    """Those that they are asked, and those of others that they were told of, each checkpoint once."""
    told = dict[int, list[checkpoint_views.InquiryView]]()
    for row in reader.overview.once(checkpoints.open_inquiries):
        if reader.me in row.people:
            yield _brief(checkpoint_words.ask(checkpoint_views.inquiry(reader.tx, row)), 2)
        elif reader.me in row.told:
            told.setdefault(row.checkpoint_id, []).append(checkpoint_views.inquiry(reader.tx, row))
    yield from (_brief(checkpoint_words.silent(views, "", reader.me)) for views in told.values())


def _votes(reader: Reader) -> Iterator[Duty]:
    """Blockers whose class they vote on and have not."""
    counted = reader.overview.once(blocker_rows.counted)
    for number in (each.number for each in counted if each.class_state == ClassState.PROPOSED):
        blocker: Blocker | None = blocker_rows.find(reader.tx, number)
        classed = blocker_classes.read(reader.tx, blocker) if blocker else None
        votes = classed.votes if classed else None
        if classed and votes and reader.me in {*(person.key for person in votes.undecided), *votes.deputies}:
            yield _brief(proposal.asked(classed, reader.who.directory.plan_name, reader.me))


def _exceptions(reader: Reader) -> Iterator[Duty]:
    """Exceptions from a freeze that they decide on."""
    for freeze in reader.overview.once(freezes.freezes):
        for row in freezes.exceptions(reader.tx, freeze):
            if row.state == Asking.ASKED and reader.who.person in freeze_rights.tally(reader.tx, row).missing:
                yield _brief(freeze_words.card(freeze_words.exception_view(reader.tx, row.number)))


def _conflicts(reader: Reader) -> Iterator[Duty]:
    """Conflicts of their own branches that nobody has answered."""
    for row in reader.overview.once(conflicts.standing):
        if row.state == Conflicting.OPEN and reader.me in row.people and not row.quiet and row.wave is None:
            view = conflict_notices.view(reader.tx, row)
            yield Duty(conflict_words.head(view), [b.actions(*conflict_words.buttons(row))])


def _check_ins(reader: Reader) -> Iterator[Duty]:
    for row in reader.overview.once(standups.asked):
        if row.person == reader.me:
            yield _brief(standup_words.prompt(standup_words.check_in_view(reader.tx, reader.who.directory, row)))


def _locks(reader: Reader) -> Iterator[Duty]:
    """Locks that are theirs to take, or that need their team's word."""
    own = works_for(reader.who)
    for lock in reader.overview.once(_asking_locks):
        turn = lock.state == Locking.OFFERED and lock.holder == reader.me
        asked = lock.state == Locking.ASKED and lock.holder != reader.me and set(lock.missing) & set(own)
        if turn or asked:
            yield _brief(lock_words.card(lock_notices.view(reader.tx, lock)))


def _asking_locks(tx: Tx, plan_id: int) -> Sequence[Lock]:
    return locks.live(tx, plan_id, (Locking.OFFERED, Locking.ASKED))


def _tasks(reader: Reader, most: int) -> Chapter:
    """Their tasks that are late, begun, or can start."""
    scene = reader.scene
    own = reader.overview.tasks.get(reader.me, ())
    able = task_lists.pressing(scene, (task for task in own if task.started_at or not scene.waits(task)))
    views = task_words.views(scene, able[:most])
    duties = [Duty(task_lists.one_line(view, whole=False), task_words.actions(view)) for view in views]
    return Chapter("Your tasks", "`/task mine`", len(able), duties)
