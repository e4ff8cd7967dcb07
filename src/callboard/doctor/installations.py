"""Each workspace that was installed by itself: what Slack says of its token, and what it shows there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from callboard.core.db import Database
from callboard.doctor import Finding, bad, good, note, workspace
from callboard.doctor.workspace import Seen, Unseen
from callboard.installations import store
from callboard.installations.models import ENDED, Installation
from callboard.installations.vault import Vault
from callboard.settings import Settings

AGAIN = "Let an admin of that workspace open /slack/install."


class Wanted(NamedTuple):
    """What the plans of one workspace name: channels and accounts."""

    channels: Collection[str]
    accounts: Collection[str]


def settings_of_several(settings: Settings) -> Finding:
    if why := settings.unconnected():
        return bad("settings", "several workspaces can't be served as it is set up.", why)
    return good("settings", f"Several workspaces: admins install it at {settings.public_url}slack/install.")


async def examine(
    db: Database, settings: Settings, wanted: Mapping[str, Wanted], *, live: bool
) -> tuple[list[Finding], dict[str, Seen]]:  # fmt: skip
    """Look at each; with what Slack shows of it, by its id. With `live`, Slack checks every screen there too."""
    vault, findings, seen = Vault(settings.slack_client_secret.get_secret_value()), list[Finding](), dict[str, Seen]()
    for each in db.transact(store.every):
        if each.ended_at is not None:
            findings.append(_ended(each))
            continue
        token = vault.opened(each.team_id, each.sealed)
        if not token:
            why = f"the token of {each.called} can't be opened: SLACK_CLIENT_SECRET is another one by now."
            findings.append(bad("slack", why, AGAIN))
            continue
        answer = await workspace.look(settings, *wanted.get(each.team_id, Wanted((), ())), token)
        findings += _findings(db, settings, each, answer)
        if isinstance(answer, Seen):
            seen[each.team_id] = answer
            findings += await workspace.screens(settings, token) if live else []
    return findings or [note("slack", "no workspace is installed yet.", "Let an admin open /slack/install.")], seen


def _findings(db: Database, settings: Settings, each: Installation, answer: Seen | Unseen | None) -> Iterator[Finding]:
    if isinstance(answer, Unseen) and answer.reached:
        yield bad("slack", f"Slack does not accept the token of {each.called}: {answer.error}.", AGAIN)
    else:
        yield from workspace.findings(settings, answer, db.clock)


def _ended(each: Installation) -> Finding:
    sentence = f"{each.called} left at {each.ended_at:%Y-%m-%d %H:%M} UTC: {ENDED.get(each.ended_by, each.ended_by)}."
    return note("slack", sentence, f"{AGAIN} Until then its plans stay, and nothing is sent there.")
