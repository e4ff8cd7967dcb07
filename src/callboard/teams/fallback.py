"""Mail, SMS, telephone and whatever else Apprise reaches, for those whom Slack does not."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import structlog

from callboard.core.courier import Accepted, Final, Passing, Unseen
from callboard.core.errors import Refused
from callboard.core.hosts import PUBLIC, Hosts
from callboard.core.resolver import look_up
from callboard.planfile.types import is_own_variable

if TYPE_CHECKING:
    from callboard.core.outbox import Delivery, Message

log = structlog.get_logger()
MAIL = ("mailto:", "mailtos:")
SETTABLE = {"bcc", "cc", "from", "name", "pass", "priority", "region", "reply", "smtp", "to", "user"}
"""What a plan may set in an Apprise URL: others name files and addresses to read."""
NUMBER = re.compile(r"\+?[0-9 ()./-]{3,40}")
MAY_REPEAT = "You may have had this before."


class Fallback:
    """The outbox's medium "apprise". An address lists Apprise URLs, e-mail addresses, telephone numbers and `env:NAME`.

    `mail` and `phone` are Apprise URLs with `{to}` where an address or number goes; without them only URLs can be used.
    URLs in the plan are held to `schemes` and `hosts`; those in a variable are the operator's own.
    """

    def __init__(
        self, mail: str = "", phone: str = "", environment: Mapping[str, str] | None = None, *,
        schemes: Collection[str] = ("mailto", "mailtos"), hosts: Hosts | None = None,
    ) -> None:  # fmt: skip
        self._mail = mail
        self._phone = phone
        self._schemes = schemes
        self._hosts = hosts or Hosts((PUBLIC,), look_up)
        self._environment = os.environ if environment is None else environment

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        """Send in every way; one that works is enough. Raises Final where none is usable, Passing where none works."""
        tried = 0
        worked = False
        why = f"no usable address among: {shown(delivery.address)}"
        for url, is_own in self.ways(delivery.address):
            try:
                sender = await asyncio.to_thread(self._sender, url, is_own=is_own)
            except Refused as refused:
                why = refused.sentence
                log.warning("fallback.refused", address=shown(url), why=why)
                continue
            if sender is not None:
                tried += 1
                worked |= await self._notify(sender, url, message)
        if not tried:
            raise Final(why)
        if not worked:
            raise Passing("mail, SMS and telephone did not take it")
        return Accepted()

    async def _notify(self, sender: Any, url: str, message: Message) -> bool:
        """Mail has the HTML where there is any, with plain text beside it; every other way has plain text."""
        as_html = bool(message.html) and url.startswith(MAIL)
        body, kind = (message.html, "html") if as_html else (message.plain or message.text, "text")
        if message.may_repeat:
            body += f"<p>{MAY_REPEAT}</p>" if as_html else f"\n{MAY_REPEAT}"
        return bool(await sender.async_notify(body=body, title=message.title or "Callboard", body_format=kind))

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Send it again: what was sent this way can't be changed."""
        return await self.post(delivery, message, None)

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Nobody can look up what mail or telephone has taken."""
        raise Unseen(delivery.address)

    def usable(self, address: str) -> bool:
        """Whether one of the ways can be used. It looks hosts up."""
        for url, is_own in self.ways(address):
            with suppress(Refused):
                if self._sender(url, is_own=is_own) is not None:
                    return True
        return False

    def _sender(self, url: str, *, is_own: bool) -> Any:
        """What sends to a URL; None where Apprise cannot read it. Raises Refused where a plan may not send there."""
        import apprise

        sender = apprise.Apprise()
        if not sender.add(url):
            return None
        if not is_own:
            self._permit(url, sender)
        return sender

    def ways(self, address: str) -> Iterator[tuple[str, bool]]:
        """The Apprise URLs that an address stands for, and whether the operator wrote them.

        What points to nothing is left out, and logged by its name.
        """
        for way in address.split():
            variable = way.removeprefix("env:")
            is_own = variable != way
            held = self._held(variable).split() if is_own else [way]
            if not held:
                log.warning("fallback.unset", variable=variable)
            if held and not any("://" in word or "@" in word for word in held):
                held = ["".join(held)]
            for one in held:
                if "://" in one:
                    yield one, is_own
                elif url := self._url(one):
                    yield url, True

    def _held(self, variable: str) -> str:
        return "" if is_own_variable(variable) else self._environment.get(variable, "")

    def _url(self, way: str) -> str:
        template = self._mail if "@" in way else self._phone if NUMBER.fullmatch(way) else ""
        return template.replace("{to}", quote(way, safe="+@"))

    def _permit(self, url: str, sender: Any) -> None:
        """Raises Refused for a URL of the plan that the operator does not allow."""
        scheme = url.partition("://")[0].lower()
        if scheme not in self._schemes:
            raise Refused(
                f"Callboard sends nothing to `{scheme}://` addresses of a plan. "
                "Its operator can allow that with `CALLBOARD_FALLBACK_SCHEMES`."
            )
        names = {name.lower().lstrip("+-:") for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
        if unknown := sorted(names - SETTABLE):
            raise Refused(f"A plan can't set `{unknown[0]}` in an address. Let the operator put it into a variable.")
        if len(sender) != 1 or scheme not in _schemes(sender[0]):
            raise Refused("A plan can't put several addresses into one. Write each by itself.")
        for host in _hosts(sender[0]):
            self._hosts.addresses(host)


def _schemes(service: Any) -> set[str]:
    """The schemes by which Apprise knows a service."""
    every = (service.protocol, service.secure_protocol)
    return {name for names in every for name in ([names] if isinstance(names, str) else names or ())}


def _hosts(service: Any) -> set[str]:
    """The hosts to which Apprise will connect, where the URL says so itself."""
    named = any("{host}" in template or "{hostname}" in template for template in service.templates)
    smtp = getattr(service, "smtp_host", None)
    return {host for host in (smtp or (service.host if named else None),) if host}


def shown(address: str) -> str:
    """An address without its secrets."""
    return " ".join(f"{way.partition('://')[0]}://..." if "://" in way else way for way in address.split())
