"""Pages of a few words, for people who open an address in a browser; their style comes with them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from callboard.web.headers import POLICY

STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:1.5rem auto;padding:0 1rem}"
    "h1{font-size:1.3rem}p{margin:.4rem 0;overflow-wrap:anywhere}.said{font-weight:600}.who{color:#555}"
    "button,.way{font:inherit;padding:.8rem 1.6rem;margin:1rem 0;border:0;border-radius:.4rem;background:#0b6}"
    "button,.way{color:#fff}.way{display:inline-block;text-decoration:none}"
)
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
OWN = POLICY.replace("form-action 'none'", "form-action 'self'")
HEADERS = {
    "Content-Security-Policy": f"{OWN}; style-src 'sha256-{HASH}'",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True)
class Sheet:
    """What the page shows; without `label` it has no button."""

    title: str
    said: str = ""
    who: str = ""
    lines: tuple[str, ...] = ()
    label: str = ""
    changes: int = 0
    status: HTTPStatus = HTTPStatus.OK
    link: tuple[str, str] = ("", "")
    """A way on: what it says, and where it leads."""

    def html(self) -> str:
        said = f'<p class="said">{escape(self.said)}</p>' if self.said else ""
        who = f'<p class="who">{escape(self.who)}</p>' if self.who else ""
        field = f'<input type="hidden" name="changes" value="{self.changes}">'
        button = f'<form method="post">{field}<button>{escape(self.label)}</button></form>' if self.label else ""
        words, way = map(escape, self.link)
        further = f'<p><a class="way" href="{way}">{words}</a></p>' if words else ""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Callboard</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
            f"<h1>{escape(self.title)}</h1>{said}{''.join(f'<p>{escape(line)}</p>' for line in self.lines)}"
            f"{button}{further}{who}</body></html>"
        )


def rendered(sheet: Sheet, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """The page, with `headers` besides its own."""
    answer = Response(sheet.html(), sheet.status, HEADERS, "text/html; charset=utf-8")
    for name, value in headers.items():
        answer.headers.setdefault(name, value)
    return answer


def is_wanted(scope: Scope) -> bool:
    """Whether a person reads the answer: browsers ask for HTML; programs for JSON, by token, or for anything."""
    headers = Headers(scope=scope)
    accept = headers.get("accept", "").lower()
    return "text/html" in accept and "json" not in accept and "authorization" not in headers
