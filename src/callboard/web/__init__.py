"""HTTP, and nothing of what Callboard is for; and where the application is reached from outside.

app: the application and its routes
server: how it listens: deadlines, and how many connections
door: who asks is looked at first, then how much they send; whatever fails is answered
headers: what every answer has in its headers; HEAD, OPTIONS, Allow
api: who asks by which token, once and within its limit; OpenAPI
docs: the page that shows the API
tokens: tokens of programs
sessions: browsers that a link of one use has let in
limits: how much each token may ask, and how often an address may be wrong
idempotency: requests sent again, done once
problems: refusals and faults, as RFC 9457 has them; where a browser asks, as a page
page: pages of a few words for people, and what the page of the API needs
fields, pages: what bodies hold, and long lists
health: readiness, and figures for Prometheus
"""

from callboard.core.db import Tx
from callboard.core.registry import Key

PUBLIC_URL: Key[str] = Key("where the web application is reached from outside", "")


def address(tx: Tx, path: str) -> str:
    """The address of a path; empty where nobody knows where Callboard is reached."""
    url = tx.of(PUBLIC_URL)
    return f"{url.rstrip('/')}{path}" if url else ""
