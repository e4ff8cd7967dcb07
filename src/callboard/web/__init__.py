"""HTTP, and nothing of what Callboard is for; and where the application is reached from outside.

app: the application, its routes, and how large a body may be
api: who asks by which token, once and within its limit; OpenAPI
tokens: tokens of programs, and how much each may ask
idempotency: requests sent again, done once
problems: refusals and faults, as RFC 9457 has them
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
