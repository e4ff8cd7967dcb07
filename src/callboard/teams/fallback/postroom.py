"""Sends by Apprise. `fallback` runs this file as a process of its own, since a mail server may never answer.

Whatever a plan says of an address is held to what the operator allows.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import getproxies

import apprise

from callboard.core.errors import Refused
from callboard.core.hosts import PUBLIC, Hosts
from callboard.core.resolver import look_up
from callboard.core.workshop import serve

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
"""What it cannot read, it repeats, token and all."""
SETTABLE = {"bcc", "cc", "from", "name", "pass", "priority", "region", "reply", "smtp", "to", "user"}
"""What a plan may set in an Apprise URL: others name files and addresses to read."""
LONGEST = 300
DIALS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
STARTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})


class Warden:
    """Refuses what a plan's message does on its way that it may not do, whichever name, option or redirect leads there.

    Python tells it of each connection and program before it begins.
    """

    def __init__(self) -> None:
        self._hosts: Hosts | None = None
        self._known: frozenset[str] = frozenset()
        self.refused = ""

    @contextmanager
    def watching(self, hosts: Hosts, known: Collection[str] = ()) -> Iterator[None]:
        """Let it connect to the internet, to `hosts`, to the addresses of names that are `known`, and by the proxy."""
        self._known = frozenset(address for host in (*known, *_proxies()) for address in _found(host))
        self._hosts, self.refused = Hosts((PUBLIC, *hosts.words), look_up), ""
        try:
            yield
        finally:
            self._hosts = None

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        """Hear of what begins. Raises PermissionError, which whoever sends takes for a server that is away."""
        if self._hosts is None or event not in DIALS | STARTS:
            return
        try:
            self._permit(self._hosts, event, given)
        except Refused as refused:
            self.refused = refused.sentence
            raise PermissionError(refused.sentence) from None

    def _permit(self, hosts: Hosts, event: str, given: tuple[Any, ...]) -> None:
        """Raises Refused. What is sent by a connection that stands already names no address."""
        if event in DIALS and given[1] is None:
            return
        if event in STARTS or not isinstance(given[1], tuple):
            raise Refused("An address of a plan starts no program and connects to nothing on this machine.")
        if (host := str(given[1][0])) not in self._known:
            hosts.addresses(host)


WARDEN = Warden()


def _proxies() -> Iterator[str]:
    """The hosts of the proxies of this machine; `no` lists where it needs none."""
    for scheme, url in getproxies().items():
        host = urlsplit(url if "://" in url else f"//{url}").hostname
        if host and scheme != "no":
            yield host


def _found(host: str) -> Collection[str]:
    try:
        return look_up(host)
    except (OSError, UnicodeError):
        return ()


class Outcome(StrEnum):
    """What became of a message by one way. The values are said between the processes."""

    TOOK = "took"
    FAILED = "failed"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


def sender(url: str, *, is_own: bool, schemes: Collection[str], hosts: Hosts) -> Any:
    """What sends to a URL; None where Apprise cannot read it. Raises Refused where a plan may not send there."""
    made = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=is_own))
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
    hosts, is_own = Hosts(letter["hosts"], look_up), letter["is_own"]
    try:
        made = sender(letter["url"], is_own=is_own, schemes=letter["schemes"], hosts=hosts)
        if made is None:
            return Outcome.UNREADABLE, ""
        by_name = [] if is_own else [host for host in _hosts(made[0]) if not hosts.addresses(host)]
    except Refused as refused:
        return Outcome.REFUSED, refused.sentence[:LONGEST]
    with nullcontext() if is_own else WARDEN.watching(hosts, by_name):
        took = made.notify(body=letter["body"], title=letter["title"], body_format=letter["format"])
    if not (took or is_own) and WARDEN.refused:
        return Outcome.REFUSED, WARDEN.refused[:LONGEST]
    return Outcome.TOOK if took else Outcome.FAILED, str(made[0].service_name or "")[:LONGEST]


if __name__ == "__main__":
    sys.addaudithook(WARDEN)
    apprise.Apprise().add("json://localhost")  # reads every service there is, once for all messages
    serve(_sent)
