"""How a Home reads, and `/plan mine`: the most urgent first, short, with what is left out and where it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.board.home.duties import Chapter
from callboard.board.home.views import HomeView, Mine, Outside
from callboard.core.outbox import Message
from callboard.core.words import counted, few, joined

PLAN = "home.plan"
LINES, DESK_LINES, TEAMS, OTHERS = 8, 10, 4, 3
TRY = (
    "`/plan test` sends you a test page: you see how I reach you.",
    "`/blocker` and what stops you: I tell whoever can help, until somebody takes it.",
    "`/task mine` shows your tasks, with buttons. `help` after any command says more.",
)
TRY_LOOKING = (
    "`/plan` shows what runs and what is next.",
    "`/gate` shows what must be met and signed.",
    "`/plan calendar new` puts the dates into your calendar.",
)
FINE = ":white_check_mark: Nothing waits for you now."
HINT = "`/plan mine` says what waits for you in any channel · `/plan` the whole plan · `/plan help`"


def home(view: HomeView) -> Message:
    """Slack takes 100 blocks: pages and questions come first, and each part has a limit of its own."""
    name = view.directory.plan_name
    blocks = [
        *_top(view), *_tries(view),
        *_duties(view.mine), *_part("You wait for", view.mine.waits, "`/plan mine`"),
        *_desk(view), *_teams(view), *_glance(view), b.context(HINT),
    ]  # fmt: skip
    # The day is in it so that times are written anew when it is another one.
    return Message(f"Home of {m.escape(name)}, {view.now.date()}", blocks)


def outside(view: Outside) -> Message:
    """What somebody reads who is in no plan."""
    if view.running:
        names = joined(m.bold(m.escape(name)) for name in view.running)
        text = (
            f"You are in no plan of this workspace. {names} {'runs' if len(view.running) == 1 else 'run'}. {view.adds}"
        )
        return Message("Home", [b.header("Callboard"), b.section(text), b.context("`/plan help` shows what I can do.")])
    who = joined([*(["workspace admins"] if view.admins else []), *map(m.mention, view.starters)], word="or")
    may = "Anybody can begin one" if view.anybody else f"Only {who} can begin one" if who else ""
    how = f"{may}: upload its plan file and type `/plan apply`." if may else ""
    text = f"No plan runs in this workspace yet. {how or 'Ask whoever runs Callboard to begin one.'}"
    return Message("Home", [b.header("Callboard"), b.section(text)])


def mine(view: Mine) -> Message:
    """What `/plan mine` answers: the same as the top of the Home."""
    blocks = [*_duties(view), *_part("You wait for", view.waits, "")]
    count = sum(chapter.total for chapter in view.duties)
    text = f"{counted(count, 'thing')} to do in {m.escape(view.plan)}" if count else "Nothing waits for you now."
    return Message(text, blocks or [b.section(FINE)])


def _top(view: HomeView) -> Iterator[b.Block]:
    row, name = view.plan, view.directory.plan_name
    ends = "ended" if row.to_at <= view.now else "ends"
    about = f"{view.glance.percent}% done · {ends} {m.date(row.to_at, 'both')}"
    yield b.header(name)
    if len(view.plans) == 1:
        yield b.context(about)
        return
    options = [(name, key) for key, name in view.plans.items()]
    choice = b.select(PLAN, options, placeholder="Choose a plan", initial=view.directory.plan_key)
    yield b.section(about, accessory=choice)
    keys = dict.fromkeys([*view.elsewhere, *(key for key in view.plans if key != view.plan.key)])
    others = [_other(view, key) for key in keys]
    yield b.context(f"You are also in {few(others, OTHERS)}. Choose a plan above to see it.")


def _other(view: HomeView, key: str) -> str:
    """`*Winter* (2 things to do: /plan winter: mine)`; without a number where it was not counted."""
    count, see = view.elsewhere.get(key), f"`/plan {key}: mine`"
    waits = see if count is None else f"{counted(count, 'thing')} to do: {see}" if count else "nothing to do"
    return f"{m.bold(m.escape(view.plans[key]))} ({waits})"


def _tries(view: HomeView) -> Iterator[b.Block]:
    if view.is_new:
        lines = TRY_LOOKING if view.mine.looks_on else TRY
        yield b.section("\n".join(["*New here? Try this:*", *(f"{n}. {line}" for n, line in enumerate(lines, 1))]))


def _duties(mine: Mine) -> Iterator[b.Block]:
    if not mine.duties:
        if not mine.looks_on:
            yield b.section(FINE)
        return
    yield b.header(f"Do now: {sum(chapter.total for chapter in mine.duties)}")
    for chapter in mine.duties:
        yield from _chapter(chapter, with_buttons=not mine.looks_on)


def _chapter(chapter: Chapter, *, with_buttons: bool) -> Iterator[b.Block]:
    yield b.context(m.bold(chapter.title))
    for duty in chapter.duties:
        yield b.section(duty.text)
        yield from duty.buttons if with_buttons else ()
    if chapter.more:
        yield b.context(f"and {chapter.more} more: {chapter.see}")


def _part(title: str, lines: Collection[str], see: str, most: int = LINES) -> Iterator[b.Block]:
    """A heading and its lines in one paragraph; what is left out is counted."""
    if not lines:
        return
    yield b.divider()
    yield b.header(title)
    yield _few(lines, see, most)


def _few(lines: Collection[str], see: str, most: int) -> b.Block:
    shown = list(lines)
    return b.section(fit.fitting(shown[:most], rest=f": {see}" if see else "", more=max(len(shown) - most, 0)))


def _desk(view: HomeView) -> Iterator[b.Block]:
    if view.desk is None:
        return
    yield b.divider()
    yield b.header("Control desk")
    decide = view.desk.decide or ["Nothing needs a decision."]
    silent = view.desk.silent or ["Everybody has answered."]
    for title, lines, see in (("Needs a decision", decide, "`/gate` and `/blocker list`"),
                              ("Has not answered", silent, "`/standup show` and `/checkpoint list`"),
                              ("Next", view.desk.coming, "`/plan`")):  # fmt: skip
        if lines:
            yield _few([m.bold(title), *lines], see, DESK_LINES)


def _teams(view: HomeView) -> Iterator[b.Block]:
    for name, lines in list(view.teams.items())[:TEAMS]:
        yield from _part(f"Your team: {name}", lines, "`/task list`", DESK_LINES)
    if left := list(view.teams)[TEAMS:]:
        yield b.context(f"You lead {joined(map(m.escape, left))} too: `/task list`")


def _glance(view: HomeView) -> Iterator[b.Block]:
    yield b.divider()
    yield b.header("The plan at a glance")
    shown = view.glance
    parts: Sequence[tuple[str, Sequence[str], str]] = (
        ("Emergencies", shown.emergencies, "`/emergency`"), ("Run-books", shown.runs, "`/run list`"),
        ("Phases", shown.phases, "`/plan`"), ("Next gates", shown.gates, "`/gate`"),
        ("Teams", shown.teams, "`/plan people`"),
    )  # fmt: skip
    for title, lines, see in parts:
        if lines:
            yield _few([m.bold(title), *lines], see, DESK_LINES)
