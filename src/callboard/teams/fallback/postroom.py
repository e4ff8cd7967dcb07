"""Sends by Apprise. `fallback` runs this file as a process of its own, since a mail server may never answer.

Whatever a plan says of an address is held to what the operator allows.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import apprise

from callboard.core.errors import Refused
from callboard.core.hosts import Hosts
from callboard.core.resolver import look_up
from callboard.core.workshop import serve

logging.getLogger("apprise").disabled = True
"""What it cannot read, it repeats, token and all."""
SETTABLE = {"bcc", "cc", "from", "name", "pass", "priority", "region", "reply", "smtp", "to", "user"}
"""What a plan may set in an Apprise URL: others name files and addresses to read."""
LONGEST = 300


class Outcome(StrEnum):
    """What became of a message by one way. The values are said between the processes."""

    TOOK = "took"
    FAILED = "failed"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


def sender(url: str, *, is_own: bool, schemes: Collection[str], hosts: Hosts) -> Any:
    """What sends to a URL; None where Apprise cannot read it. Raises Refused where a plan may not send there."""
    made = apprise.Apprise()
    if not made.add(url):
        return None
    if not is_own:
        _permit(url, made, schemes, hosts)
    return made


def _permit(url: str, made: Any, schemes: Collection[str], hosts: Hosts) -> None:
    """Raises Refused for a URL of the plan that the operator does not allow."""
    scheme = url.partition("://")[0].lower()
    if scheme not in schemes:
        raise Refused(
            f"Callboard sends nothing to `{scheme}://` addresses of a plan. "
            "Its operator can allow that with `CALLBOARD_FALLBACK_SCHEMES`."
        )
    names = {name.lower().lstrip("+-:") for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    if unknown := sorted(names - SETTABLE):
        raise Refused(f"A plan can't set `{unknown[0]}` in an address. Let the operator put it into a variable.")
    if len(made) != 1 or scheme not in _schemes(made[0]):
        raise Refused("A plan can't put several addresses into one. Write each by itself.")
    for host in _hosts(made[0]):
        hosts.addresses(host)


def _schemes(service: Any) -> set[str]:
    """The schemes by which Apprise knows a service."""
    every = (service.protocol, service.secure_protocol)
    return {name for names in every for name in ([names] if isinstance(names, str) else names or ())}


def _hosts(service: Any) -> set[str]:
    """The hosts to which Apprise will connect, where the URL says so itself."""
    named = any("{host}" in template or "{hostname}" in template for template in service.templates)
    smtp = getattr(service, "smtp_host", None)
    return {host for host in (smtp or (service.host if named else None),) if host}


def _sent(letter: Mapping[str, Any]) -> tuple[Outcome, str]:
    """Send one message one way: what became of it, and by what, or why not."""
    try:
        allowed = Hosts(letter["hosts"], look_up)
        made = sender(letter["url"], is_own=letter["is_own"], schemes=letter["schemes"], hosts=allowed)
    except Refused as refused:
        return Outcome.REFUSED, refused.sentence[:LONGEST]
    if made is None:
        return Outcome.UNREADABLE, ""
    name = str(made[0].service_name or "")
    took = made.notify(body=letter["body"], title=letter["title"], body_format=letter["format"])
    return Outcome.TOOK if took else Outcome.FAILED, name[:LONGEST]


if __name__ == "__main__":
    apprise.Apprise().add("json://localhost")  # reads every service there is, once for all messages
    serve(_sent)
