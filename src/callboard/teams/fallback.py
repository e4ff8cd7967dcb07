"""Mail, SMS, telephone and whatever else Apprise reaches, for those whom Slack does not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog

from callboard.core.courier import Accepted, Final, Passing, Unseen

if TYPE_CHECKING:
    from callboard.core.outbox import Delivery, Message

log = structlog.get_logger()
MAIL = ("mailto:", "mailtos:")
MAY_REPEAT = "You may have had this before."


class Fallback:
    """The outbox's medium "apprise". An address lists Apprise URLs, e-mail addresses, telephone numbers and `env:NAME`.

    `mail` and `phone` are Apprise URLs with `{to}` where an address or number goes; without them only URLs can be used.
    """

    def __init__(self, mail: str = "", phone: str = "", environment: Mapping[str, str] | None = None) -> None:
        self._mail = mail
        self._phone = phone
        self._environment = os.environ if environment is None else environment

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        """Send in every way; one that works is enough. Raises Final where none is usable, Passing where none works."""
        import apprise

        tried = 0
        worked = False
        for url in self.urls(delivery.address):
            sender = apprise.Apprise()
            if sender.add(url):
                tried += 1
                worked |= await self._notify(sender, url, message)
        if not tried:
            raise Final(f"no usable address among: {delivery.address}")
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

    def urls(self, address: str) -> Iterator[str]:
        """The Apprise URLs that an address stands for; what points to nothing is left out, and logged by its name."""
        for way in address.split():
            variable = way.removeprefix("env:")
            held = [way] if variable == way else self._environment.get(variable, "").split()
            if not held:
                log.warning("fallback.unset", variable=variable)
            if held and not any("://" in word or "@" in word for word in held):
                held = ["".join(held)]
            yield from filter(None, map(self._url, held))

    def _url(self, way: str) -> str:
        if "://" in way:
            return way
        template = self._mail if "@" in way else self._phone
        return template.replace("{to}", quote(way, safe="+@"))
