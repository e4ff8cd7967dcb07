"""People for the automation API: whom a token acts for, and sentences without Slack's markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory

MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
DATE = re.compile(r"<!date\^(\d+)\^[^|<>]*(?:\|[^<>]*)?>")
LINK = re.compile(r"<(https?://[^|<>]+)(?:\|([^<>]*))?>")
CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")


def plain(directory: Directory, text: str, zone: tzinfo = UTC) -> str:
    """What was written for Slack, as it reads elsewhere, with its times in a zone."""
    text = MENTION.sub(lambda found: _name(directory, found[1]), text)
    text = timed(text, zone)
    text = LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], text)
    text = CHANNEL.sub(lambda found: f"#{found[1]}" if found[1] else "a channel", text)
    return markup.unescape(markup.unbold(text))


def timed(text: str, zone: tzinfo) -> str:
    """The same where Slack draws no times: each as it is in a zone."""
    return DATE.sub(lambda found: _moment(datetime.fromtimestamp(int(found[1]), zone)), text)


def _moment(at: datetime) -> str:
    """`2025-11-13 09:00 EST`; by its offset where the zone has no name of its own: `2025-11-13 17:00 UTC+03`."""
    zone = f"{at:%Z}"
    return f"{at:%Y-%m-%d %H:%M} {zone if zone.isalpha() else f'UTC{zone}'}"


def _name(directory: Directory, slack_id: str) -> str:
    person = directory.by_slack(slack_id)
    return markup.escape(person.name) if person else f"@{slack_id}"


def gone(directory: Directory, key: str) -> str:
    """Why nobody acts for a person any more."""
    person = directory.people.get(key)
    left = person is None or person.vacant
    return f"who has left {directory.plan_name}" if left else "whose Slack account is deactivated"


def bearer(directory: Directory, handle: str) -> str:
    """Find a person by their id in the plan, their Slack id or mail address. Raises Refused for nobody."""
    wanted = handle.strip().removeprefix("@").lower()
    for person in directory.people.values():
        if wanted in filter(None, (person.key.lower(), person.slack_id.lower(), person.email.lower())):
            if person.vacant:
                raise Refused(f"The seat {person.name} is vacant, so no token can act for it.")
            return person.key
    raise unknown(f"Nobody in {directory.plan_name} is called `{handle}`", wanted, directory.people)


class Bearers:
    """People, for `callboard.web.tokens.Company`."""

    def asker(self, tx: Tx, plan_id: int, person: str) -> Asker:
        """Give who acts. Raises Refused for whoever is not in the plan any more, or deactivated in Slack."""
        directory = teams.directory(tx, plan_id)
        actor = directory.people.get(person)
        if actor is None or not actor.acts:
            raise Refused(f"This token acts for `{person}`, {gone(directory, person)}.")
        return Asker(directory, actor)

    def plain(self, tx: Tx, plan_id: int, sentence: str) -> str:
        """Put a sentence without Slack's markup."""
        return plain(teams.directory(tx, plan_id), sentence)
