"""What would keep a plan from reaching somebody: channels, links, empty steps, fallbacks, what lies still."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from callboard.core import outbox, ticks
from callboard.core.words import few
from callboard.doctor.findings import Finding, bad, good, note
from callboard.escalation import service as escalation
from callboard.escalation import store as policies
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.fallback import Fallback
from callboard.teams.service import Concern, Directory

if TYPE_CHECKING:
    from callboard.core.db import Database, Tx
    from callboard.doctor.workspace import Seen
    from callboard.settings import Settings

MOST = 6


def channel_names(db: Database) -> set[str]:
    """The names and ids of all channels that plans speak of."""
    return db.transact(lambda tx: set(_channel_names(tx)))


def findings(db: Database, settings: Settings, seen: Seen | None) -> list[Finding]:
    """Look at every plan."""
    return db.transact(lambda tx: [*_findings(tx, settings, seen)])


def _channel_names(tx: Tx) -> Iterator[str]:
    for plan in plans.every(tx):
        for channel in teams.directory(tx, plan.id or 0).channels:
            yield channel.slack_id or channel.name


def _findings(tx: Tx, settings: Settings, seen: Seen | None) -> Iterator[Finding]:
    known = plans.every(tx)
    if not known:
        yield bad(
            "plans", "there is no plan yet.", "`callboard apply plan.yml`; docs/plan-file.md says how to write it."
        )
    for plan in known:
        directory = teams.directory(tx, plan.id or 0)
        about = f"plan {plan.key}"
        found = [*_workspace(about, plan.workspace, seen), *_channels(about, directory, seen)]
        found += [
            *_people(about, directory, settings),
            *_steps(tx, about, directory),
            *_parked(tx, about, plan.id or 0),
        ]
        yield from found or [good(about, "every channel, person and step can be reached.")]
    stuck = ticks.parked(tx)
    if stuck:
        first = stuck[0]
        yield bad(
            "clockwork", f"{len(stuck)} due rows failed again and again; the first: {first.work}, {first.error}",
            "Report this; `callboard serve` tries them again once their row in `troubles` is deleted.",
        )  # fmt: skip


def _workspace(about: str, workspace: str, seen: Seen | None) -> Iterator[Finding]:
    if not workspace:
        yield note(about, "it belongs to no workspace yet; the first one that Callboard connects to takes it.")
    elif seen and workspace != seen.team_id:
        yield bad(
            about, f"it belongs to the workspace {workspace}, the token to {seen.team_id}.", "Set that one's token."
        )


def _channels(about: str, directory: Directory, seen: Seen | None) -> Iterator[Finding]:
    if seen is None:
        return
    for channel in directory.channels:
        member = seen.channels.get(channel.slack_id or channel.name)
        name = f"#{channel.name or channel.slack_id}"
        if member is None:
            yield bad(
                about, f"{name} is not to be seen.", f"Create it; where it is private, /invite @Callboard in {name}."
            )
        elif not member:
            yield bad(
                about, f"the bot is not in {name}, so it hears no replies there.", f"/invite @Callboard in {name}."
            )


def _people(about: str, directory: Directory, settings: Settings) -> Iterator[Finding]:
    unlinked = [person.name for person in directory.unlinked]
    if unlinked:
        yield bad(
            about, f"{len(unlinked)} have no Slack account that is known: {few(unlinked, MOST)}.",
            "Write `slack:` or the right `email:` in the plan file.",
        )  # fmt: skip
    vacant = [person.name for person in directory.people.values() if person.vacant]
    if vacant:
        yield note(about, f"{len(vacant)} seats are vacant: {few(vacant, MOST)}.")
    ways = Fallback(settings.mail_url.get_secret_value(), settings.phone_url.get_secret_value())
    deaf = [
        person.name
        for person in directory.people.values()
        if (reach := directory.fall_back(person)) and not any(map(_usable, ways.urls(reach.address)))
    ]
    if deaf:
        yield note(
            about, f"the fallback of {few(deaf, MOST)} leads nowhere.",
            "Set CALLBOARD_MAIL_URL or CALLBOARD_PHONE_URL, and the variables that the plan names with env:.",
        )  # fmt: skip


def _steps(tx: Tx, about: str, directory: Directory) -> Iterator[Finding]:
    for name, digest in policies.digests(tx, directory.plan_id).items():
        for step in escalation.policy_of(tx, digest).steps:
            empty = [team for team in directory.teams if not _reaches(tx, directory, step.notify, team)]
            if len(empty) == len(directory.teams):
                yield bad(
                    about, f"step {step.level} of the ladder {name} reaches nobody.", "Name somebody in its `notify`."
                )
            elif empty:
                whom = few(empty, MOST)
                yield bad(about, f"step {step.level} of {name} reaches nobody for {whom}.", "Fill those seats.")


def _reaches(tx: Tx, directory: Directory, notify: Collection[str], team: str) -> bool:
    found = teams.who(directory, notify, Concern(team=team), tx.now)
    return bool(found.channels) or any(directory.reach(one.person) for one in found.people)


def _parked(tx: Tx, about: str, plan_id: int) -> Iterator[Finding]:
    stuck = outbox.in_trouble(tx, plan_id)
    if stuck:
        first = stuck[0]
        yield bad(
            about, f"{len(stuck)} messages cannot be sent; the last: {first.kind} to {first.address}, {first.error}.",
            "Mend what it says; what waits for a channel is sent once the bot is invited.",
        )  # fmt: skip


def _usable(url: str) -> bool:
    import apprise

    return bool(apprise.Apprise().add(url))
