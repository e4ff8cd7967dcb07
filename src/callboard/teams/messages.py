"""How people, teams and the plan as a whole read in Slack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callboard.core import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import few, few_lines, joined
from callboard.teams.views import GroupView, PersonView, PlanView

GOT_IT = "plan.got"
MOST_GROUPS, MOST_HELD, MOST_GIVEN_UP, FEW = 45, 20, 10, 5


def plan(view: PlanView) -> Message:
    """What `/plan` alone answers."""
    head = f"{b.bold(b.escape(view.name))} (`{view.key}`), version {view.version}"
    spread = f"{b.date(view.from_at, 'both')} to {b.date(view.to_at, 'both')}"
    who = f"{view.people} people in {joined(view.teams) or 'no team yet'}"
    led = f"Coordinated by {joined(view.coordinators)}." if view.coordinators else "Nobody coordinates it."
    worries = list(_worries(view))
    fine = ":white_check_mark: Everybody can be reached, and every channel is there."
    blocks = [
        b.section(f"{head}\n{spread}\n{b.escape(who)}. {led}"),
        *(b.section(worry) for worry in worries or [fine]),
        b.context("`/plan people` who is who · `/plan test` a test page · `/plan away 2026-03-30..31` · `/plan help`"),
    ]
    return Message(text=f"{view.name}, version {view.version}", blocks=blocks)


def people(name: str, groups: Sequence[GroupView]) -> Message:
    """Everybody, by team."""
    shown = [b.section("\n".join([b.bold(b.escape(group.name)), *map(_line, group.people)])) for group in groups]
    more = [b.context(f"and {len(shown) - MOST_GROUPS} more teams")] if len(shown) > MOST_GROUPS else []
    return Message(text=f"People of {name}", blocks=[*shown[:MOST_GROUPS], *more])


def test_page(plan_name: str, asked_by: str, key: str, *, own: bool) -> Message:
    """What somebody reads who is paged to see that it works."""
    why = "You asked for it." if own else f"{asked_by} asked for it, to see that pages reach you."
    text = f":wave: This is a test page from Callboard for {b.escape(plan_name)}. Nothing is wrong. {why}"
    button = b.button("I got it", GOT_IT, key, style="primary")
    return Message(text=text, blocks=[b.section(text), b.actions(button)], title=f"{plan_name}: a test page")


def got(who: str) -> Message:
    """What whoever asked for a test page reads when it was answered."""
    return Message(text=f":white_check_mark: {who} got the test page.")


def unreached(who: str, medium: str, error: str) -> Message:
    """What the coordinator reads when somebody was paged and no way to them worked."""
    why = f" ({b.escape(error)})" if error else ""
    tried = "Slack has not taken the page" if medium == "slack" else "Their fallback has not taken the page"
    text = (
        f":warning: {who} could not be paged. {tried}{why}, and the plan names no other way. "
        "Reach them yourself, or add `fallback:` to them in the plan file."
    )
    return Message(text=text, title="Somebody could not be paged")


def parked(where: str, error: str) -> Message:
    """What the coordinator reads when messages to an address cannot be delivered."""
    hint = {
        "not_in_channel": "I'm not in it: type `/invite @Callboard` there, and what waits is posted.",
        "channel_not_found": "There is none, or it is private: create it, or type `/invite @Callboard` there.",
        "is_archived": "It is archived: unarchive it, or name another channel in the plan file.",
    }.get(error.split(":", maxsplit=1)[0], f"Slack says: {b.escape(error)}.")
    return Message(text=f":warning: I can't post to {where}. {hint}", title="A channel cannot be reached")


def address(written: str) -> str:
    """Show an address of the outbox: a channel, a person, or whatever it is."""
    if written.startswith(("C", "G")) and written.isalnum() and written.isupper():
        return b.channel(written)
    return b.mention(written) if written.startswith(("U", "W")) and written.isalnum() else b.escape(written)


def _worries(view: PlanView) -> Iterable[str]:
    for one in view.away:
        instead = f"{one.instead} stands in" if one.instead else "nobody stands in"
        yield f":palm_tree: {one.called} is away ({one.away}); {instead}."
    if view.unlinked:
        names = joined([f"{one.name}{'' if one.reachable else ' (no way at all)'}" for one in view.unlinked])
        yield (
            f":grey_question: Not found in Slack: {b.escape(names)}. They are paged by their fallback. "
            "Mend `slack:` or `email:` in the plan file."
        )
    if view.vacant:
        yield f":chair: Vacant: {b.escape(joined([one.name for one in view.vacant]))}."
    if view.unknown_channels:
        yield (
            f":grey_question: I can't find {b.escape(joined(view.unknown_channels))}. "
            "Create it, or type `/invite @Callboard` there if it is private."
        )
    if view.invite_to:
        yield f":no_bell: I'm not in {joined(map(address, view.invite_to))}. Type `/invite @Callboard` there."
    if view.held:
        held = [f"• `{target}` waits for {few([f'`{key}`' for key in by], FEW)}" for target, by in view.held]
        yield "\n".join([":hourglass_flowing_sand: On hold:", *few_lines(held, MOST_HELD)])
    if view.given_up:
        things = "\n".join(f"• {one}" for one in view.given_up[:MOST_GIVEN_UP])
        yield f":rotating_light: {len(view.given_up)} came due and kept failing, so I gave them up:\n{things}"
    if view.stuck:
        stuck = "\n".join(f"• {address(where)}: {b.escape(error)}" for where, error in view.stuck)
        yield f":warning: Messages that could not be delivered:\n{stuck}"


def _line(view: PersonView) -> str:
    if view.vacant:
        return f"• {b.escape(view.name)}: vacant{f'; {view.instead} stands in' if view.instead else ''}"
    name = b.escape(view.name)
    who = f"{name} ({view.called})" if view.linked else f"{name} (not in Slack)"
    duties = f", {b.escape(', '.join(view.duties))}" if view.duties else ""
    away = f", *away* {view.away}{f', {view.instead} stands in' if view.instead else ', nobody stands in'}"
    return f"• {who}{duties}, {view.clock} there{away if view.away else ''}"
